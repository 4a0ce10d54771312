import { Actor } from '../actor/actor.js'
import { ActorError } from '../ground/errors.js'
import { changed } from './changed.js'

/** An Array. Takes its first items. */
export class SharedArray<T = unknown> extends Actor {
  readonly #items: T[]

  constructor(items: Iterable<T> = []) {
    super()
    this.#items = [...items]
  }

  length(): number {
    return this.#items.length
  }

  /** The item at an index; negative ones count from the end. */
  async at(index: number): Promise<T | undefined> {
    return this.#items.at(index)
  }

  /** Sets the item at an index, as `at` counts. Throws `malformed` if there is none. */
  async set(index: number, item: T): Promise<void> {
    this.#items[this.#place(index)] = item
  }

  /** Adds items at the end. Resolves to the new length. */
  async push(...items: T[]): Promise<number> {
    return this.#items.push(...items)
  }

  async pop(): Promise<T | undefined> {
    return this.#items.pop()
  }

  /** Adds items at the start. Resolves to the new length. */
  async unshift(...items: T[]): Promise<number> {
    return this.#items.unshift(...items)
  }

  async shift(): Promise<T | undefined> {
    return this.#items.shift()
  }

  /** Removes items, all behind `start` unless `count` is given, and puts others in their place. Resolves to those removed. */
  async splice(start: number, count = Infinity, ...items: T[]): Promise<T[]> {
    return this.#items.splice(start, count, ...items)
  }

  /** A copy of the items from `start` to before `end`. */
  async slice(start?: number, end?: number): Promise<T[]> {
    return this.#items.slice(start, end)
  }

  /** Whether a primitive value is among the items. */
  async includes(item: T): Promise<boolean> {
    return this.#items.includes(item)
  }

  /** The first index of a primitive value, or -1. */
  async indexOf(item: T): Promise<number> {
    return this.#items.indexOf(item)
  }

  /**
   * Calls a function with the item at an index and sets what it returns. It runs where it was made, and all other calls
   * wait for it. Resolves to the new item. If the function throws, or the call is given up,
   * the item stays as it was.
   */
  async update(index: number, change: (item: T) => T | Promise<T>): Promise<T> {
    const place = this.#place(index)
    return (this.#items[place] = await changed(this.#items[place]!, change, this.context.signal))
  }

  #place(index: number): number {
    const { length } = this.#items
    const place = index < 0 ? length + index : index
    if (Number.isInteger(place) && place >= 0 && place < length) return place
    throw new ActorError('malformed', `there is no index ${index} in an array of ${length} items`)
  }
}
