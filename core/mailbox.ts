import type { Message } from './message.js'

/** First in, first out; linked through the messages themselves, so an empty mailbox costs nothing. */
export class Mailbox {
  size = 0
  #head: Message | undefined
  #tail: Message | undefined

  put(message: Message): void {
    if (this.#tail) this.#tail.next = message
    else this.#head = message
    this.#tail = message
    this.size++
  }

  take(): Message | undefined {
    const message = this.#head
    if (!message) return undefined
    this.#head = message.next
    if (!this.#head) this.#tail = undefined
    message.next = undefined
    this.size--
    return message
  }
}
