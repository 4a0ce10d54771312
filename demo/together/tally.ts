/** Tabs whose last number is remembered. */
const REMEMBERED = 100

export interface Counts {
  readonly count: number
  readonly lost: number
  readonly doubled: number
}

/** Counts edits, those that are missing between them, and those that come twice. */
export class Tally {
  #counts: Counts = { count: 0, lost: 0, doubled: 0 }
  /** The number of the last edit, by tab. */
  #last = new Map<string, number>()

  get counts(): Counts {
    return this.#counts
  }

  add(tab: string, number: number): void {
    const { count, lost, doubled } = this.#counts
    const expected = (this.#last.get(tab) ?? number - 1) + 1
    const isDoubled = number < expected
    this.#counts = {
      count: count + 1,
      lost: lost + Math.max(0, number - expected),
      doubled: doubled + (isDoubled ? 1 : 0),
    }
    if (isDoubled) return
    this.#last.delete(tab)
    this.#last.set(tab, number)
    if (this.#last.size > REMEMBERED) this.#last.delete(this.#last.keys().next().value!)
  }

  /** The number of a tab's last edit; 0 if it is not known. */
  lastOf(tab: string): number {
    return this.#last.get(tab) ?? 0
  }

  toState(): TallyState {
    return { ...this.#counts, last: new Map(this.#last) }
  }

  restore({ last, ...counts }: TallyState): void {
    this.#counts = counts
    this.#last = new Map(last)
  }
}

export interface TallyState extends Counts {
  readonly last: ReadonlyMap<string, number>
}
