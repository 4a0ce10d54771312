import { BoundedMailbox, type MailboxOptions } from '../mailbox/bounded-mailbox.js'
import type { Inbox } from '../mailbox/mailbox.js'
import type { Message } from '../message/message.js'

/**
 * The mailbox of an actor that has just come: it gives what comes by the entrance, and holds all else until it is open.
 */
export class EntryMailbox implements Inbox {
  /** Set while a message comes by the entrance. */
  isEntering = false
  /** Set once all that was sent by the old ways has come. */
  isOpen = false
  readonly #entered: BoundedMailbox
  readonly #held: BoundedMailbox

  constructor(options: MailboxOptions = {}) {
    this.#entered = new BoundedMailbox(options)
    this.#held = new BoundedMailbox(options)
  }

  get size(): number {
    return this.#entered.size + (this.isOpen ? this.#held.size : 0)
  }

  put(message: Message): Message | undefined {
    return (this.isEntering ? this.#entered : this.#held).put(message)
  }

  take(): Message | undefined {
    return this.#entered.take() ?? (this.isOpen ? this.#held.take() : undefined)
  }
}
