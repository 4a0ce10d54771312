/** Something that expires once unless removed first. The links are the list's own. */
export interface Expiring {
  list: ExpiringList | undefined
  earlier: Expiring | undefined
  later: Expiring | undefined
  expire(): void
}

/** In the order in which they were added: adding and removing relink neighbours and cost nothing else. */
export class ExpiringList {
  first: Expiring | undefined
  #last: Expiring | undefined
  readonly #count: (change: 1 | -1) => void

  /** `count` hears of each that comes or goes. */
  constructor(count: (change: 1 | -1) => void) {
    this.#count = count
  }

  add(item: Expiring): void {
    item.list = this
    item.earlier = this.#last
    if (this.#last) this.#last.later = item
    else this.first = item
    this.#last = item
    this.#count(1)
  }

  remove(item: Expiring): void {
    const { earlier, later } = item
    if (earlier) earlier.later = later
    else this.first = later
    if (later) later.earlier = earlier
    else this.#last = earlier
    item.list = item.earlier = item.later = undefined
    this.#count(-1)
  }
}
