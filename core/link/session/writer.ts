import { type ActorError, asActorError } from '../../ground/errors.js'
import type { Owner } from '../../message/owner.js'
import type { Mark, Sink } from '../../wire/codec.js'
import { Outbox } from './outbox.js'

/**
 * Writes frames to the outbox, one at a time.
 *
 * A getter in a value may send messages of its own while a frame is being written; they follow it.
 */
export class Writer extends Outbox {
  busy = false
  #later: (() => void)[] = []

  /** Runs `write` when the frame that is being written is done. */
  defer(write: () => void): void {
    this.#later.push(write)
  }

  /**
   * A frame begins in `sink`, which `begin` or `resume` gave. What throws while it is written and committed goes to `undo`, and
   * `close` comes last. `owner` is the actor that hands out what is in it.
   */
  open(sink: Sink, owner?: Owner): Mark {
    this.busy = true
    this.encoder.begin(sink, owner)
    return sink.mark()
  }

  /** The frame that began at `start` is taken back. Returns the error. */
  undo(start: Mark, error: unknown): ActorError {
    this.sink.rollback(Math.min(start, this.sink.mark()))
    this.encoder.undo()
    return asActorError(error, 'uncloneable', 'a value cannot be sent')
  }

  close(): void {
    this.busy = false
    if (this.#later.length > 0) {
      const later = this.#later
      this.#later = []
      for (const next of later) next()
    }
  }

  /** Writes a frame that is no message of a user. It leaves at once, unless it may wait for company. */
  control(op: number, values: readonly unknown[], canWait = false, failed = this.failed): void {
    if (this.busy) return this.defer(() => this.control(op, values, canWait, failed))
    let failure: ActorError | undefined
    const start = this.open(this.begin(1))
    try {
      this.sink.number(op)
      for (const value of values) this.encoder.value(value)
      this.commit(start, !canWait)
    } catch (error) {
      failure = this.undo(start, error)
    }
    this.close()
    if (failure) failed(failure)
  }
}
