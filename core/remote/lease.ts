import type { RemoteRef } from './remote-ref.js'

/** Who handed something out, and takes it back. */
export interface Lessor {
  returnLease(index: number, count: number): void
}

/** What a peer handed out at one place of its table, and how often: it is given back as often, at once. */
export class Lease {
  count = 1
  readonly #ref: WeakRef<RemoteRef>

  constructor(
    /** Held weakly: a registry of the platform's holds the lease, and must not hold a realm that is closed. */
    readonly lessor: WeakRef<Lessor>,
    readonly index: number,
    ref: RemoteRef,
  ) {
    this.#ref = new WeakRef(ref)
  }

  /** What was handed out; undefined once it was collected. */
  get ref(): RemoteRef | undefined {
    return this.#ref.deref()
  }

  end(): void {
    const { count } = this
    this.count = 0
    if (count > 0) this.lessor.deref()?.returnLease(this.index, count)
  }
}
