import { QUEUE } from './limits.js'
import { type Mailbox, Queue } from './mailbox.js'
import type { Message } from './message.js'

/** What happens to a message that finds the mailbox full: it is refused, it takes the place of the oldest, or it waits outside. */
export type MailboxPolicy = 'reject' | 'drop-oldest' | 'wait'

export interface MailboxOptions {
  /** Messages that may wait; 131,072 unless given. */
  readonly limit?: number
  /** `reject` unless given. */
  readonly policy?: MailboxPolicy
}

/** A mailbox with a bound of its own, and a say in what happens there. */
export class BoundedMailbox implements Mailbox {
  readonly #limit: number
  readonly #policy: MailboxPolicy
  readonly #inside = new Queue(Infinity)
  /** Those who wait for room, in order. */
  readonly #outside = new Queue(QUEUE)

  constructor({ limit = QUEUE, policy = 'reject' }: MailboxOptions) {
    this.#limit = limit
    this.#policy = policy
  }

  get size(): number {
    return this.#inside.size
  }

  put(message: Message): Message | undefined {
    if (this.#inside.size < this.#limit) return this.#inside.put(message)
    if (this.#policy === 'wait') return this.#outside.put(message)
    if (this.#policy === 'reject') return message
    const oldest = this.#inside.take()
    this.#inside.put(message)
    return oldest
  }

  take(): Message | undefined {
    const message = this.#inside.take()
    const next = this.#outside.take()
    if (next) this.#inside.put(next)
    return message
  }
}
