/** Who handed something out, and takes it back. */
export interface Lessor {
  giveBack(index: number, count: number): void
}

/** What a peer handed out at one place of its table, and how often: it is given back as often, at once. */
export class Lease {
  count = 1

  constructor(
    readonly lessor: Lessor,
    readonly index: number,
  ) {}

  end(): void {
    const { count } = this
    this.count = 0
    if (count > 0) this.lessor.giveBack(this.index, count)
  }
}
