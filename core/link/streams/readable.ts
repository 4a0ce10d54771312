import { ActorError } from '../../ground/errors.js'
import type { Readable, Reader } from '../../ground/platform-streams.js'
import { weigh } from './flow.js'
import type { RemoteStream } from './remote-stream.js'

interface Controller {
  enqueue(chunk: unknown): void
  close(): void
}

interface Source {
  pull(controller: Controller): Promise<void>
  cancel(reason: unknown): Promise<void>
}

declare const ReadableStream: new (source: Source, strategy: { highWaterMark: number }) => Readable

/** Reads a stream for a peer: from the first step on it is locked, and its end here is the end of it. */
export class ReadableSteps implements AsyncIterator<unknown> {
  readonly #stream: Readable
  #reader: Reader | undefined

  constructor(stream: Readable) {
    if (stream.locked) throw new ActorError('uncloneable', 'a ReadableStream that is locked cannot be sent')
    this.#stream = stream
  }

  async next(): Promise<IteratorResult<unknown>> {
    const { done, value } = await (this.#reader ??= this.#stream.getReader()).read()
    return { done, value }
  }

  async return(reason?: unknown): Promise<IteratorResult<unknown>> {
    await (this.#reader ??= this.#stream.getReader()).cancel(reason)
    return { done: true, value: undefined }
  }
}

/** Bytes of one stream that may be on their way at a time, and most chunks of it. */
const WINDOW = 256 * 1024
const MOST = 64

/** Asks for as many chunks at a time as are under way within the window: no code of an actor runs ahead for it. */
class Readahead {
  readonly #steps: RemoteStream
  readonly #asked: Promise<IteratorResult<unknown>>[] = []
  /** Of the last chunk that came. */
  #weight: number | undefined

  constructor(steps: RemoteStream) {
    this.#steps = steps
  }

  async next(): Promise<IteratorResult<unknown>> {
    const next = this.#asked.shift() ?? this.#steps.next()
    const most = this.#weight === undefined ? 0 : Math.min(MOST, Math.floor(WINDOW / this.#weight))
    while (this.#asked.length < most) {
      const further = this.#steps.next()
      // Whoever comes to it hears of it.
      further.catch(() => {})
      this.#asked.push(further)
    }
    const result = await next
    this.#weight = weigh(result.value)
    return result
  }
}

/** A stream of the platform that reads what a peer has. */
export function readableOf(steps: RemoteStream): Readable {
  const ahead = new Readahead(steps)
  const source: Source = {
    async pull(controller) {
      const { done, value } = await ahead.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel(reason) {
      await steps.return(reason)
    },
  }
  return new ReadableStream(source, { highWaterMark: 0 })
}
