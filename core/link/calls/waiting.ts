import type { Message } from '../../message/message.js'
import type { Sink } from '../../wire/codec.js'
import type { Cut } from '../../wire/cut.js'

export interface Entry {
  readonly message: Message
  /** Bytes of the frame, approximately. */
  readonly size: number
  /** When it began to wait. */
  readonly at: number
  /** What it weighs. */
  readonly weight: number
  /** Which of the peer's actors it is for. */
  readonly index: number
  /** Op and parts, as decided at the call. */
  readonly head: number
  /** The encoded rest of the frame: a message is a snapshot taken at the call. */
  readonly body: Cut
  /** Where it was written, and where it goes on. */
  readonly form: Sink
}

/** In place of an actor's index: the messages for all of them. */
export const EVERY = -2

/** Messages that wait, in order, until the peer admits more calls. */
export class Waiting {
  #entries: Entry[] = []
  #head = 0

  get size(): number {
    return this.#entries.length - this.#head
  }

  /** The next one to leave. */
  get first(): Entry | undefined {
    return this.#entries[this.#head]
  }

  /** Those for one actor, or for `EVERY`, go to another queue. */
  move(index: number, to: Waiting): void {
    const isOf = (entry: Entry): boolean => index === EVERY || entry.index === index
    if (!this.#entries.some(isOf)) return
    const entries = this.#entries.slice(this.#head)
    this.#head = 0
    this.#entries = entries.filter((entry) => !isOf(entry))
    for (const entry of entries) if (isOf(entry)) to.put(entry)
  }

  put(entry: Entry): void {
    this.#entries.push(entry)
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
