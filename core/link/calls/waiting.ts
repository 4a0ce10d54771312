import type { Message } from '../../message/message.js'
import type { Sink } from '../../wire/codec.js'
import type { Cut } from '../../wire/cut.js'

export interface Entry {
  readonly message: Message
  /** Which of the peer's actors it is for. */
  readonly index: number
  /** Op and parts, as decided at the call. */
  readonly head: number
  /** Bytes of the frame, approximately. */
  readonly size: number
  /** The rest of the frame, unless it is written when it leaves. */
  readonly frame: Frame | undefined
  next?: Entry | undefined
}

/** A message is a snapshot taken at the call. */
export interface Frame {
  /** When it was taken. */
  readonly at: number
  /** What it weighs. */
  readonly weight: number
  readonly body: Cut
  /** Where it was written, and where it goes on. */
  readonly form: Sink
}

/** Bytes that are counted for a message of light arguments, whose frame is written when it leaves. */
export const LIGHT = 64

/** Whether an argument takes few bytes and never changes: there is no need of a snapshot. */
export const isLight = (arg: unknown): boolean =>
  typeof arg === 'number' || (typeof arg === 'string' && arg.length < LIGHT)

/** In place of an actor's index: the messages for all of them. */
export const EVERY = -2

/** Messages that wait, in order, until the peer admits more calls. */
export class Waiting {
  size = 0
  /** The next one to leave. */
  first: Entry | undefined
  #last: Entry | undefined

  /** Those for one actor, or for `EVERY`, go to another queue. */
  move(index: number, to: Waiting): void {
    for (let left = this.size; left > 0; left--) {
      const entry = this.take()!
      ;(index === EVERY || entry.index === index ? to : this).put(entry)
    }
  }

  put(entry: Entry): void {
    entry.next = undefined
    if (this.#last) this.#last.next = entry
    else this.first = entry
    this.#last = entry
    this.size++
  }

  take(): Entry | undefined {
    const entry = this.first
    if (!entry) return undefined
    this.first = entry.next
    if (!this.first) this.#last = undefined
    this.size--
    return entry
  }
}
