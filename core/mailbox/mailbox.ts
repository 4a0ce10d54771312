// The room mailbox: where the messages of one actor wait.
import type { Address } from '../ground/address.js'
import type { Message } from '../message/message.js'

/** A message as a mailbox sees it. */
export type Mail = Pick<Message, 'method' | 'access' | 'args' | 'deadline' | 'extensions' | 'expectsReply'>

/**
 * Where the messages of one actor wait. `open` is called once, before the first `put`, and `close` once, at the end. A
 * message may be taken at most once.
 */
export interface Mailbox {
  /** May return a promise. If it throws, `spawn` rejects with `start-failed`. */
  open?(owner: Address): unknown
  /**
   * Adds a message. Returns the one that there is no room for: this one, or one that had waited. That one fails with
   * `overloaded`. If this throws, the message fails with `stored-failed`.
   */
  put(mail: Mail): Mail | undefined
  /**
   * Removes the next message. If there is none now, it is called again after the next `put`. If it throws, or returns a
   * message for the second time, the actor ends, and the messages that waited fail with `stored-failed`. Messages that it
   * never returned fail with `stopped` when the actor ends.
   */
  take(): Mail | undefined
  /** How many messages wait. If it throws, or is no number, that is as if `take` threw. */
  readonly size: number
  /** If it throws, the error goes to the log. */
  close?(): unknown
}

/** A mailbox of ours, which hears of messages that are given up while they wait. */
export interface Inbox extends Mailbox {
  /** It takes no place any more; it may still be taken, settled. */
  withdrawn?(message: Message): void
  close?(): Promise<void>
}

/** Takes out all that is in a mailbox. */
export function* emptied(mailbox: Inbox | undefined): Generator<Message> {
  for (let mail = mailbox?.take(); mail; mail = mailbox?.take()) yield mail as Message
}

/** So many more than those that wait may be there settled. */
const SLACK = 32

/** First in, first out; linked through the messages themselves, so an empty one costs next to nothing. */
export class Queue implements Inbox {
  size = 0
  /** Settled messages that are still linked, and not counted. */
  #stale = 0
  readonly #most: number
  #head: Message | undefined
  #tail: Message | undefined

  /** Refuses what is over `most`. */
  constructor(most: number) {
    this.#most = most
  }

  put(message: Message): Message | undefined {
    if (this.size >= this.#most) return message
    this.#add(message)
    return undefined
  }

  take(): Message | undefined {
    const message = this.#head
    if (!message) return undefined
    this.#head = message.next
    if (!this.#head) this.#tail = undefined
    message.next = undefined
    if (message.settled && this.#stale > 0) this.#stale--
    else this.size--
    return message
  }

  withdrawn(message: Message): void {
    this.size--
    if (++this.#stale > this.size + SLACK) this.#sweep(message)
  }

  #sweep(gone: Message): void {
    let message = this.#head
    this.#head = this.#tail = undefined
    this.size = this.#stale = 0
    while (message) {
      const { next } = message
      message.next = undefined
      if (message !== gone && !message.settled) this.#add(message)
      message = next
    }
  }

  #add(message: Message): void {
    if (this.#tail) this.#tail.next = message
    else this.#head = message
    this.#tail = message
    this.size++
  }
}
