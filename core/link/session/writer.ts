import { ActorError, asActorError } from '../../ground/errors.js'
import type { Owner } from '../../message/owner.js'
import type { Mark, Sink } from '../../wire/codec.js'
import type { Encoder } from '../../wire/encode.js'
import { ALLOWANCE } from '../../wire/weight.js'
import { Outbox, type OutboxLink } from './outbox.js'

/**
 * Writes frames to the outbox, one at a time.
 *
 * A getter in a value may send messages of its own while a frame is being written; they follow it.
 */
export class Writer extends Outbox {
  busy = false
  #later: (() => void)[] = []

  constructor(
    link: OutboxLink,
    readonly encoder: Encoder,
  ) {
    super(link)
  }

  override check(start: Mark): void {
    super.check(start)
    this.#check(start)
  }

  override commit(start: Mark, now: boolean, subject?: number): void {
    this.#check(start)
    super.commit(start, now, subject, this.encoder.weight)
  }

  /** Throws if what was written since `start` takes more memory than the peer allows for its size. */
  #check(start: Mark): void {
    const { weight, limits } = this.encoder
    if (weight > ALLOWANCE && limits.nodes !== Infinity && weight > this.sink.size - start + ALLOWANCE)
      throw new ActorError(
        'too-large',
        'the value takes too much memory for its size: it has too many small containers',
      )
  }

  /** Runs `write` when the frame that is being written is done. */
  defer(write: () => void): void {
    this.#later.push(write)
  }

  /**
   * A frame to `sink`, which `begin` or `resume` gave. `write` writes its fields and commits it. If that throws, the frame
   * is taken back, and the error is returned. `owner` is the actor that hands out what is in it.
   */
  frame(sink: Sink, write: (start: Mark) => void, owner?: Owner): ActorError | undefined {
    let failure: ActorError | undefined
    this.busy = true
    this.encoder.begin(sink, owner)
    const start = sink.mark()
    try {
      write(start)
    } catch (error) {
      this.sink.rollback(Math.min(start, this.sink.mark()))
      this.encoder.undo()
      failure = asActorError(error, 'uncloneable', 'a value cannot be sent')
    }
    this.busy = false
    if (this.#later.length > 0) {
      const later = this.#later
      this.#later = []
      for (const next of later) next()
    }
    return failure
  }

  /** Writes a frame that is no message of a user. It leaves at once, unless it may wait for company. */
  control(op: number, values: readonly unknown[], canWait = false, failed = this.failed): void {
    if (this.busy) return this.defer(() => this.control(op, values, canWait, failed))
    const failure = this.frame(this.begin(1), (start) => {
      this.sink.number(op)
      for (const value of values) this.encoder.value(value)
      this.commit(start, !canWait)
    })
    if (failure) failed(failure)
  }
}
