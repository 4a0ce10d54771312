import type { Message } from '../../message/message.js'

/** Calls that await a reply, by slot: an array and its free places, no hashing. */
export class Pending {
  readonly #slots: (Message | undefined)[] = []
  readonly #free: number[] = []
  readonly #sizes: number[] = []
  /** Bytes of those that were sent. */
  bytes = 0

  get size(): number {
    return this.#slots.length - this.#free.length
  }

  add(message: Message): number {
    const slot = this.#free.pop() ?? this.#slots.length
    this.#slots[slot] = message
    this.#sizes[slot] = 0
    return slot
  }

  /** The call in that slot was sent, and took so many bytes. */
  sent(slot: number, bytes: number): void {
    this.#sizes[slot] = bytes
    this.bytes += bytes
  }

  /** A slot stays taken until the reply comes, even if the caller gave up: a late reply meets nobody else. */
  take(slot: number): Message | undefined {
    const message = this.#slots[slot]
    if (!message) return undefined
    this.#slots[slot] = undefined
    this.bytes -= this.#sizes[slot]!
    this.#free.push(slot)
    return message
  }

  has(test: (message: Message) => boolean): boolean {
    return this.#slots.some((message) => message && test(message))
  }

  drain(): Message[] {
    const messages = this.#slots.filter((message) => message !== undefined)
    this.#slots.length = this.#free.length = this.#sizes.length = this.bytes = 0
    return messages
  }
}
