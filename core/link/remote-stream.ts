import { sendAsk, sendTell } from '../ask.js'
import { ActorError } from '../errors.js'
import type { RemoteRef } from './remote-ref.js'

/** A stream behind a link: each `next()` is one call. */
export class RemoteStream implements AsyncIterableIterator<unknown> {
  readonly #ref: RemoteRef
  readonly #ended: () => void
  #done = false
  /** Chunks that came. */
  #arrived = 0

  constructor(ref: RemoteRef, ended: () => void) {
    this.#ref = ref
    this.#ended = ended
  }

  get ref(): RemoteRef {
    return this.#ref
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(value?: unknown): Promise<IteratorResult<unknown>> {
    return this.#step('next', value)
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    return this.#step('return', value)
  }

  async throw(error?: unknown): Promise<IteratorResult<unknown>> {
    return this.#step('throw', error)
  }

  async #step(move: 'next' | 'return' | 'throw', value: unknown): Promise<IteratorResult<unknown>> {
    if (this.#done) {
      if (move === 'throw') throw value
      return { done: true, value: move === 'return' ? value : undefined }
    }
    try {
      const result = (await sendAsk(this.#ref, move, [value, this.#arrived])) as IteratorResult<unknown>
      this.#arrived++
      if (result.done) this.#end()
      return result
    } catch (error) {
      // One that was asked for ahead, behind the end.
      if (this.#done) return { done: true, value: undefined }
      // Given up here, it may still be open there.
      if (error instanceof ActorError && (error.code === 'timeout' || error.code === 'aborted')) {
        sendTell(this.#ref, 'return', [undefined])
      }
      this.#end()
      throw error
    }
  }

  #end(): void {
    this.#done = true
    this.#ended()
  }
}
