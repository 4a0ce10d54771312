import type { Holder, Message, Receiver } from '../message/message.js'

/** Holds what comes by a new route until all that went by the old one has arrived. */
export class Gate implements Receiver, Holder {
  readonly #target: Receiver
  #held: Message[] | undefined = []

  constructor(target: Receiver) {
    this.#target = target
  }

  deliver(message: Message): void {
    if (!this.#held) return this.#target.deliver(message)
    message.holder = this
    this.#held.push(message)
  }

  withdraw(message: Message): boolean {
    return !message.started
  }

  open(): void {
    const held = this.#held
    this.#held = undefined
    for (const message of held ?? []) if (!message.settled) this.#target.deliver(message)
  }
}
