import type { Message } from '../../message/message.js'

/** Calls that await a reply, by slot: an array and its free places, no hashing. */
export class Pending {
  readonly #slots: (Message | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#slots.length - this.#free.length
  }

  add(message: Message): number {
    const slot = this.#free.pop() ?? this.#slots.length
    this.#slots[slot] = message
    return slot
  }

  /** A slot stays taken until the reply comes, even if the caller gave up: a late reply meets nobody else. */
  take(slot: number): Message | undefined {
    const message = this.#slots[slot]
    if (!message) return undefined
    this.#slots[slot] = undefined
    this.#free.push(slot)
    return message
  }

  has(test: (message: Message) => boolean): boolean {
    return this.#slots.some((message) => message && test(message))
  }

  drain(): Message[] {
    const messages = this.#slots.filter((message) => message !== undefined)
    this.#slots.length = this.#free.length = 0
    return messages
  }
}
