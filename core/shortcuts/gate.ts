import { Deferred } from '../ground/deferred.js'
import type { Holder, Message, Receiver } from '../message/message.js'

/**
 * Holds what comes by a new route until all that went by the old ones has arrived.
 *
 * References of one peer to the same actor share it: it opens when all that changed their route have closed theirs.
 */
export class Gate implements Receiver, Holder {
  readonly #target: Receiver
  readonly #opened = new Deferred<void>()
  /** Route changes that are under way. */
  #changes = 0
  #held: Message[] | undefined = []

  constructor(target: Receiver) {
    this.#target = target
  }

  /** Resolves when what was held has been delivered. */
  get opened(): Promise<void> {
    return this.#opened.promise
  }

  deliver(message: Message): void {
    if (!this.#held) return this.#target.deliver(message)
    message.holder = this
    this.#held.push(message)
  }

  withdraw(message: Message): boolean {
    return !message.started
  }

  /** A reference changes its route. */
  enter(): void {
    this.#changes++
  }

  /** It has changed it, or stays with the one that it had. True if that opened the gate. */
  leave(): boolean {
    if (--this.#changes > 0) return false
    this.open()
    return true
  }

  open(): void {
    const held = this.#held
    this.#held = undefined
    for (const message of held ?? []) if (!message.settled) this.#target.deliver(message)
    this.#opened.resolve()
  }
}
