import { Actor } from 'troupe'
import type { Message, Receipt, Said } from './message.js'

/** Messages that are kept. */
export const KEPT = 5_000

/** Says of what was said what became of it, and which messages came since. */
export interface Kept {
  readonly receipt: Receipt
  readonly since: readonly Message[]
}

/** Keeps and numbers what is said. It lives in another process than the room, as a database would, and outlives it. */
export class History extends Actor {
  readonly #id = crypto.randomUUID()
  readonly #messages = new Map<string, Message>()
  readonly #onKept: () => void
  #last = 0

  /** Takes a function that is called when a message was kept, before the room hears of it. */
  constructor(onKept: () => void) {
    super()
    this.#onKept = onKept
  }

  id(): string {
    return this.#id
  }

  /** Keeps what was said, unless it is known by its id. Returns all messages that came after the one numbered `seen` as well. */
  add(said: Said, seen: number): Kept {
    const known = this.#messages.get(said.id)
    const number = known?.number ?? ++this.#last
    if (!known) {
      this.#messages.set(said.id, { ...said, number })
      if (this.#messages.size > KEPT) this.#messages.delete(this.#messages.keys().next().value!)
      this.#onKept()
    }
    return { receipt: { number, isRepeated: known !== undefined }, since: this.since(seen) }
  }

  /** The messages that came after the one numbered `seen`. */
  since(seen: number): Message[] {
    return [...this.#messages.values()].filter(({ number }) => number > seen)
  }
}
