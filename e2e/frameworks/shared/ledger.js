import { Actor } from 'troupe'

/** Counts the messages that reach it. */
export class Ledger extends Actor {
  #calls = 0
  #left = 0

  add(a, b) {
    this.#calls++
    return a + b
  }

  echo(value) {
    return value
  }

  /** What arrived, where a round trip would hide a difference. */
  describe(value) {
    return Object.prototype.toString.call(value)
  }

  fail() {
    throw new TypeError('refused')
  }

  calls() {
    return this.#calls
  }

  async *count(to) {
    for (let n = 1; n <= to; n++) yield n
  }

  /** One item, then nothing until the consumer has left. */
  async *once() {
    const { signal } = this.context
    try {
      yield 1
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    } finally {
      this.#left++
    }
  }

  /** How many consumers have left. */
  left() {
    return this.#left
  }
}
