/**
 * A set that knows its first item. To look for that in a plain set costs more the more items were deleted before it; here it
 * does not.
 */
export class Fifo<T extends object> extends Set<T> {
  /** What comes behind `#first`. */
  #rest: Iterator<T, undefined> | undefined
  #first: T | undefined

  get first(): T | undefined {
    this.#first ??= (this.#rest ??= this.values()).next().value
    if (!this.#first) this.#rest = undefined
    return this.#first
  }

  override delete(item: T): boolean {
    if (item === this.#first) this.#first = undefined
    return super.delete(item)
  }
}
