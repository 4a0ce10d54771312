import type { ActorError } from '../ground/errors.js'
import type { Encoder } from '../wire/encode.js'
import type { Writer } from './session/writer.js'

/** Writes the frames that are no messages of users. */
export class ControlFrames {
  readonly #writer: Writer
  readonly #failed: (error: ActorError) => void

  /** `failed` hears of a frame that cannot be written. */
  constructor(writer: Writer, failed: (error: ActorError) => void) {
    this.#writer = writer
    this.#failed = failed
  }

  value(op: number, value: unknown, canWait = false): void {
    this.write(op, (encoder) => encoder.value(value), canWait)
  }

  /** It leaves at once, unless it may wait for company. */
  write(op: number, body: (encoder: Encoder) => void, canWait: boolean, failed = this.#failed): void {
    const writer = this.#writer
    if (writer.busy) return writer.defer(() => this.write(op, body, canWait, failed))
    const start = writer.begin(1)
    let failure: ActorError | undefined
    try {
      writer.sink.number(op)
      body(writer.encoder)
      if (canWait) writer.outbox.tell(start)
      else writer.outbox.control(start)
    } catch (error) {
      failure = writer.undo(start, error)
    } finally {
      writer.end()
    }
    if (failure) failed(failure)
  }
}
