import { type ActorError, asActorError } from '../../ground/errors.js'
import type { Mark, Sink } from '../../wire/codec.js'
import type { Encoder } from '../../wire/encode.js'
import type { Owner } from '../../message/owner.js'
import type { Outbox } from './outbox.js'

/**
 * Writes frames, one at a time: `begin`, the fields, a commit to the outbox, `end`.
 *
 * A getter in a value may send messages of its own while a frame is being written; they follow it.
 */
export class Writer {
  #busy = false
  #later: (() => void)[] = []

  constructor(
    readonly outbox: Outbox,
    readonly encoder: Encoder,
  ) {}

  get sink(): Sink {
    return this.outbox.sink
  }

  get busy(): boolean {
    return this.#busy
  }

  /** Runs `write` when the frame that is being written is done. */
  defer(write: () => void): void {
    this.#later.push(write)
  }

  /** `near`: how many frames will leave about when this one does. `owner`: the actor that hands out what is in it. */
  begin(near: number, owner?: Owner): Mark {
    return this.#begin(this.outbox.begin(near), owner)
  }

  /** Begins a frame with what was cut from `form`. */
  resume(form: Sink): Mark {
    return this.#begin(this.outbox.resume(form))
  }

  #begin(sink: Sink, owner?: Owner): Mark {
    this.#busy = true
    this.encoder.begin(sink, owner)
    return sink.mark()
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
