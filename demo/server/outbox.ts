import { deliver } from './chat.js'
import type { Receipt, Said } from './message.js'

/**
 * `unknown`: an attempt failed, and the room may have the message or not. It is sent again all the same, under the same id.
 */
export type Delivery = 'waiting' | 'sending' | 'unknown' | 'delivered'

/** Told of each state of each message. The receipt comes with `delivered`. */
export type OnDelivery = (said: Said, delivery: Delivery, receipt?: Receipt) => void

/** Sends one message after the other, so that they stay in order. */
export class Outbox {
  readonly #onDelivery: OnDelivery
  #sent: Promise<unknown> = Promise.resolve()

  constructor(onDelivery: OnDelivery) {
    this.#onDelivery = onDelivery
  }

  add(name: string, text: string): void {
    const said = { id: crypto.randomUUID(), name, text }
    this.#onDelivery(said, 'waiting')
    this.#sent = this.#sent.then(() => this.#send(said))
  }

  async #send(said: Said): Promise<void> {
    this.#onDelivery(said, 'sending')
    const receipt = await deliver(said, (mayHaveIt) => mayHaveIt && this.#onDelivery(said, 'unknown'))
    this.#onDelivery(said, 'delivered', receipt)
  }
}
