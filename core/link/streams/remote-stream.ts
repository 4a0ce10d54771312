// The room link/streams: streams of the platform, and generators, read and written over a link.
import { type Aborter, aborter } from '../../ground/abort.js'
import { Abortable } from '../../message/abortable.js'
import type { AskOptions } from '../../message/ask.js'
import { noticed } from '../../message/call-promise.js'
import { ActorError, thrownBy } from '../../ground/errors.js'
import type { Move } from '../../message/stepped-stream.js'
import type { RemoteRef } from '../../remote/remote-ref.js'

/** A stream behind a link: each `next()` is one call. */
export class RemoteStream extends Abortable implements AsyncIterableIterator<unknown> {
  readonly #ref: RemoteRef
  readonly #ended: () => void
  #done = false
  /** It ended by an error, and not where its source ended. */
  #failed = false
  /** Why its reader gave it up. */
  #given: ActorError | undefined
  #aborter: Aborter | undefined
  /** Chunks that came. */
  #arrived = 0

  constructor(ref: RemoteRef, ended: () => void) {
    super()
    this.#ref = ref
    this.#ended = ended
  }

  giveUp(reason: ActorError): void {
    if (this.#done) return
    // The call that brought it has run.
    this.#given = reason.asRunning()
    this.#aborter?.abort(reason)
    this.#leave()
  }

  override giveUpWith(signal: AbortSignal, reason: () => ActorError): void {
    super.giveUpWith(signal, reason)
    this.#aborter ??= aborter()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(value?: unknown): Promise<IteratorResult<unknown>> {
    return this.#noticed('next', value)
  }

  /** Milliseconds that a step has. */
  get limit(): number {
    const { home, defaultTimeout } = this.#ref
    return this.timeout ?? (home.timeout < Infinity ? home.timeout : defaultTimeout)
  }

  /** Asks for a chunk behind so many others that are still to come: each of these has a time of its own. */
  ahead(others: number): Promise<IteratorResult<unknown>> {
    const step = this.#step('next', undefined, this.limit * (others + 1))
    // Whoever comes to it hears of it.
    step.catch(() => {})
    return step
  }

  return(value?: unknown): Promise<IteratorResult<unknown>> {
    return this.#noticed('return', value)
  }

  throw(error?: unknown): Promise<IteratorResult<unknown>> {
    return this.#noticed('throw', error)
  }

  #noticed(move: Move, value: unknown): Promise<IteratorResult<unknown>> {
    return noticed(this.#step(move, value), move, this.#ref.callee)
  }

  async #step(move: Move, value: unknown, timeout = this.timeout): Promise<IteratorResult<unknown>> {
    if (this.#given && move !== 'return') throw this.#given
    if (this.#done) {
      if (move === 'throw') throw value
      return { done: true, value: move === 'return' ? value : undefined }
    }
    this.onRead?.(true)
    try {
      const options = { timeout, signal: this.#aborter?.signal } as AskOptions
      const result = (await this.#ref.call(move, [value, this.#arrived], options)) as IteratorResult<unknown>
      this.#arrived++
      if (result.done) this.#end()
      return result
    } catch (error) {
      if (this.#given) throw this.#given
      // One that was asked for ahead, behind the end.
      if (this.#done && !this.#failed) return { done: true, value: undefined }
      this.#failed = true
      if (error instanceof ActorError && (error.code === 'timeout' || error.code === 'aborted')) this.#given = error
      // Its source may go on: it was given up here, or a chunk could not be sent.
      this.#leave()
      // What has given a chunk has run.
      throw this.#arrived ? thrownBy(error) : error
    }
  }

  /** Gives it back, which ends it there if it has not ended already. */
  #leave(): void {
    this.#ref.release()
    this.#end()
  }

  #end(): void {
    if (this.#done) return
    this.#done = true
    this.release()
    this.#ended()
  }
}
