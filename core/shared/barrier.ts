import { Actor } from '../actor/actor.js'
import { ActorError } from '../ground/errors.js'
import { checkCount } from '../ground/check-count.js'
import { Waiters } from './waiters.js'

/** Lets so many go on once all of them are there, again and again. Takes how many. */
export class Barrier extends Actor {
  static readonly concurrency = Infinity
  readonly #parties: number
  #isBroken = false
  readonly #waiters = new Waiters()

  constructor(parties: number) {
    super()
    checkCount('parties', parties, 1)
    this.#parties = parties
  }

  /**
   * Waits until all have called it. Resolves to the place in which this call came, from 0.
   *
   * Rejects with `aborted` if the barrier is broken. That happens when one who waits gives up, or when its link ends.
   */
  async wait(): Promise<number> {
    if (this.#isBroken) throw broken()
    const place = this.#waiters.size
    if (place + 1 < this.#parties) await this.#waiters.wait(this.context.signal, undefined, () => this.abort())
    else while (this.#waiters.wake());
    return place
  }

  /** Breaks it: those who wait, and those who come, are rejected with `aborted`, until `reset`. */
  abort(): void {
    this.#isBroken = true
    this.#waiters.fail(broken())
  }

  /** Rejects those who wait with `aborted`. Then it is as new. */
  reset(): void {
    this.abort()
    this.#isBroken = false
  }

  /** How many it waits for. */
  parties(): number {
    return this.#parties
  }

  /** How many wait. */
  waiting(): number {
    return this.#waiters.size
  }

  isBroken(): boolean {
    return this.#isBroken
  }
}

const broken = (): ActorError => new ActorError('aborted', 'the barrier is broken', { ran: 'maybe' })
