import type { Message } from '../message.js'

interface Entry {
  readonly message: Message
  /** The encoded frame: a message is a snapshot taken at the call. */
  readonly frame: unknown
}

/** Messages that wait, in order, until the peer admits more calls. */
export class Waiting {
  #entries: Entry[] = []
  #head = 0

  get size(): number {
    return this.#entries.length - this.#head
  }

  put(message: Message, frame: unknown): void {
    this.#entries.push({ message, frame })
  }

  take(): Entry | undefined {
    const entry = this.#entries[this.#head]
    if (!entry) return undefined
    if (++this.#head === this.#entries.length) {
      this.#entries = []
      this.#head = 0
    }
    return entry
  }
}
