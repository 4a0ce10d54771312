import { ActorError } from '../../ground/errors.js'
import { Abortable } from '../../message/abortable.js'
import type { Message } from '../../message/message.js'
import { SteppedStream } from '../../message/stepped-stream.js'
import { Flow } from './flow.js'

/** This end of a stream that a peer has the other end of. */
export interface StreamEnd {
  /** Bytes that the peer is not known to have. */
  readonly size: number
  /** Does what the peer asks the stream for, and calls `ended` when nothing more can come of it. */
  move(message: Message, ended: () => void): Promise<unknown>
  /** The peer is gone. */
  abandon(): Promise<void>
}

/** Takes the steps that a peer reads a stream by. */
export class ReadableEnd extends Flow implements StreamEnd {
  readonly #stream: AsyncIterable<unknown>
  #iterator: AsyncIterator<unknown> | undefined

  constructor(stream: AsyncIterable<unknown>, iterator?: AsyncIterator<unknown>) {
    super()
    this.#stream = stream
    this.#iterator = iterator
  }

  /** The peer says with each move how many chunks it has. */
  async move(message: Message, ended: () => void): Promise<unknown> {
    const { method, args } = message
    if (method !== 'next' && method !== 'return' && method !== 'throw') {
      throw new ActorError('not-exposed', 'a stream has only next, return and throw')
    }
    const [value, arrived] = args
    if (typeof arrived === 'number') this.arrived(arrived)
    const stream = this.#stream
    const iterator = (this.#iterator ??= stream[Symbol.asyncIterator]())
    let done: boolean | undefined = true
    try {
      const result =
        stream instanceof SteppedStream
          ? await stream.step(method, value, message)
          : ((await iterator[method]?.(value)) ?? { done, value })
      done = result.done === true
      if (!done) this.sent(result.value)
      return { done, value: result.value }
    } finally {
      if (done) ended()
    }
  }

  /** Lets the stream run its `finally`; what it says to that interests nobody any more. */
  async abandon(): Promise<void> {
    const stream = this.#stream
    if (stream instanceof Abortable) return stream.giveUp(new ActorError('aborted', 'whoever read the stream left it'))
    try {
      // What nobody opened has nothing to end.
      await this.#iterator?.return?.()
    } catch {
      // Nobody is left to tell.
    }
  }
}
