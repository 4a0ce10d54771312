import type { Address } from './address.js'
import type { Message } from './message.js'

/** A message as a mailbox sees it. */
export type Mail = Pick<Message, 'method' | 'access' | 'args' | 'deadline' | 'extensions' | 'expectsReply'>

/**
 * Where the messages of one actor wait. Contract: `open` once, before the first `put`, and `close` once, at the end;
 * what was put is taken at most once.
 */
export interface Mailbox {
  open?(owner: Address): unknown
  /** Returns what there is no room for: this message, or one that had waited. It fails with `overloaded`. */
  put(mail: Mail): Mail | undefined
  take(): Mail | undefined
  readonly size: number
  close?(): unknown
}

/** First in, first out; linked through the messages themselves, so an empty one costs next to nothing. */
export class Queue implements Mailbox {
  size = 0
  readonly #most: number
  #head: Message | undefined
  #tail: Message | undefined

  /** Refuses what is over `most`. */
  constructor(most: number) {
    this.#most = most
  }

  put(message: Message): Message | undefined {
    if (this.size >= this.#most) return message
    if (this.#tail) this.#tail.next = message
    else this.#head = message
    this.#tail = message
    this.size++
    return undefined
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
