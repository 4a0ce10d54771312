import { type ActorError, asActorError } from '../errors.js'
import type { Mark, Sink } from '../wire/codec.js'
import type { Encoder } from '../wire/encode.js'
import type { Owner } from './exports.js'
import type { Outbox } from './outbox.js'

/**
 * Writes frames, one at a time: `begin`, the fields, a commit to the outbox, `end`.
 *
 * A getter in a value may send messages of its own while a frame is being written; they follow it.
 */
export class Writer {
  readonly sink: Sink
  #busy = false
  #later: (() => void)[] = []

  constructor(
    readonly outbox: Outbox,
    readonly encoder: Encoder,
  ) {
    this.sink = outbox.sink
  }

  get busy(): boolean {
    return this.#busy
  }

  /** Runs `write` when the frame that is being written is done. */
  defer(write: () => void): void {
    this.#later.push(write)
  }

  /** `owner`: the actor that hands out what is in the frame. */
  begin(owner?: Owner): Mark {
    this.#busy = true
    this.encoder.begin(this.sink, owner)
    return this.sink.mark()
  }

  /** Takes the frame back, and says what went wrong with it. */
  undo(start: Mark, error: unknown): ActorError {
    this.sink.rollback(Math.min(start, this.sink.mark()))
    this.encoder.undo()
    return asActorError(error, 'uncloneable', 'a value cannot be sent')
  }

  end(): void {
    this.#busy = false
    if (this.#later.length === 0) return
    const later = this.#later
    this.#later = []
    for (const write of later) write()
  }
}
