import { Actor } from '../actor/actor.js'
import { Waiters } from './waiters.js'

/** A flag that many can wait for. Takes whether it is set, `false` unless given. */
export class Event extends Actor {
  static readonly concurrency = Infinity
  #isSet: boolean
  readonly #waiters = new Waiters()

  constructor(isSet = false) {
    super()
    this.#isSet = isSet
  }

  isSet(): boolean {
    return this.#isSet
  }

  /** Sets it, and wakes all who wait. */
  set(): void {
    this.#isSet = true
    while (this.#waiters.wake());
  }

  clear(): void {
    this.#isSet = false
  }

  /** Resolves once it is set. */
  async wait(): Promise<void> {
    if (!this.#isSet) await this.#waiters.wait(this.context.signal)
  }
}
