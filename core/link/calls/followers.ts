import type { Message } from '../../message/message.js'

/** Delivers to what was brought, by its place; undefined for what is no actor. */
type Deliver = (place: number | undefined, message: Message) => void

/** Calls of a peer that wait, in order, for the replies to earlier ones of its: they are for what those bring. */
export class Followers {
  readonly #waiting = new Map<number, Message[]>()
  readonly #deliver: Deliver
  /** Those whose turn it is. */
  readonly #due: { readonly place: number | undefined; readonly messages: readonly Message[] }[] = []
  #delivering = false

  constructor(deliver: Deliver) {
    this.#deliver = deliver
  }

  add(slot: number, message: Message): void {
    const waiting = this.#waiting.get(slot)
    if (waiting) waiting.push(message)
    else this.#waiting.set(slot, [message])
  }

  /** The call in that slot has its reply, or will have none that counts. */
  answered(slot: number, place: number | undefined): void {
    const waiting = this.#waiting.get(slot)
    if (!waiting) return
    this.#waiting.delete(slot)
    this.#due.push({ place, messages: waiting })
    // What fails now may have followers of its own, and so on: each has its turn here, none within another.
    if (this.#delivering) return
    this.#delivering = true
    for (let next = this.#due.shift(); next; next = this.#due.shift()) {
      for (const message of next.messages) if (!message.settled) this.#deliver(next.place, message)
    }
    this.#delivering = false
  }
}
