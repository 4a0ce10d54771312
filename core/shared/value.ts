import { Actor } from '../actor/actor.js'
import { changed } from './changed.js'

/** One value. Takes what it is at first. */
export class Value<T = unknown> extends Actor {
  #value: T

  constructor(value: T) {
    super()
    this.#value = value
  }

  async get(): Promise<T> {
    return this.#value
  }

  set(value: T): void {
    this.#value = value
  }

  /** Sets `value` if the present one is `expected`, as `Object.is` compares them. Returns whether it did. */
  async compareAndSet(expected: T, value: T): Promise<boolean> {
    const isSame = Object.is(this.#value, expected)
    if (isSame) this.#value = value
    return isSame
  }

  /** Adds to a number. Resolves to the sum. */
  async add(by: T & number): Promise<T> {
    return (this.#value = ((this.#value as T & number) + by) as T)
  }

  /**
   * Calls a function with the value and sets what it returns. It runs where it was made, and all other calls wait for it.
   * Resolves to the new value. If the function throws, or the call is given up, the
   * value stays as it was.
   */
  async update(change: (value: T) => T | Promise<T>): Promise<T> {
    return (this.#value = await changed(this.#value, change, this.context.signal))
  }
}
