import type { Message } from '../message/message.js'

/** Messages whose handler threw and that are tried again, in order. */
export class Retries {
  readonly #most: number
  readonly #attempts = new WeakMap<Message, number>()
  #waiting: Message[] = []

  /** `most` times each. */
  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#waiting.length
  }

  take(): Message | undefined {
    return this.#waiting.shift()
  }

  takeAll(): Message[] {
    const all = this.#waiting
    this.#waiting = []
    return all
  }

  /** Undefined if the message waits for another try, else how often it had one. */
  spent(message: Message): number | undefined {
    const attempts = this.#attempts.get(message) ?? 0
    if (attempts < this.#most) {
      this.#attempts.set(message, attempts + 1)
      this.#waiting.push(message)
      return undefined
    }
    this.#attempts.delete(message)
    return attempts + 1
  }
}
