/**
 * Items in the order in which they were added; any of them can be deleted. To find the first item of a set costs more the
 * more items were deleted before it; here it does not.
 */
export class Fifo<T extends object> {
  readonly #items = new Set<T>()
  /** What comes behind `#first`. */
  #rest: Iterator<T> | undefined
  #first: T | undefined

  get size(): number {
    return this.#items.size
  }

  get first(): T | undefined {
    if (this.#first === undefined) {
      const { value } = (this.#rest ??= this.#items.values()).next() as { readonly value: T | undefined }
      this.#first = value
      if (value === undefined) this.#rest = undefined
    }
    return this.#first
  }

  add(item: T): void {
    this.#items.add(item)
  }

  /** True if it was there. */
  delete(item: T): boolean {
    if (item === this.#first) this.#first = undefined
    return this.#items.delete(item)
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items.values()
  }
}
