import type { Readable, Reader } from '../../ground/platform-streams.js'
import { Tap } from '../../message/tap.js'
import { weigh } from './flow.js'
import type { RemoteRef } from '../../remote/remote-ref.js'
import type { RemoteStream } from './remote-stream.js'

interface Controller {
  enqueue(chunk: unknown): void
  close(): void
  error(reason: unknown): void
}

interface Source {
  start(controller: Controller): void
  pull(controller: Controller): Promise<void>
  cancel(reason: unknown): Promise<void>
}

declare const ReadableStream: new (source: Source, strategy: { highWaterMark: number }) => Readable

/** Reads a stream for a peer: from the first step on it is locked, and its end here is the end of it. */
export function stepsOf(stream: Readable): AsyncIterator<unknown> {
  let reader: Reader | undefined
  const open = (): Reader => (reader ??= stream.getReader())
  return {
    next: () => open().read() as Promise<IteratorResult<unknown>>,
    async return(reason) {
      await open().cancel(reason)
      return { done: true, value: undefined }
    },
  }
}

/** Bytes of one stream that may be on their way at a time, and most chunks of it. */
const WINDOW = 256 * 1024
const MOST = 64

/**
 * A stream of the platform that reads what a peer has. Asks for as many chunks at a time as are under way within the
 * window: no code of an actor runs ahead for it.
 */
export function readableOf(ref: RemoteRef, steps: RemoteStream): Readable {
  const asked: Promise<IteratorResult<unknown>>[] = []
  /** How many chunks to ask for ahead; none before the first one came. */
  let most = 0
  let isOver = false
  const end = (controller: Controller): void => {
    if (!isOver) controller.close()
    isOver = true
  }
  const source: Source = {
    start(controller) {
      ref.linkEnded = (reason) => {
        isOver = true
        controller.error(reason)
      }
    },
    async pull(controller) {
      const next = asked.shift() ?? steps.next()
      while (asked.length < most) asked.push(steps.ahead(asked.length + 1))
      const { done, value } = await next
      most = Math.min(MOST, Math.floor(WINDOW / weigh(value)))
      if (done) return end(controller)
      controller.enqueue(value)
      // Whoever has read the last chunk learns that it is, once that is known here.
      void asked[0]?.then(
        (following) => following.done && end(controller),
        () => {},
      )
    },
    async cancel(reason) {
      isOver = true
      await steps.return(reason)
    },
  }
  const stream = new ReadableStream(source, { highWaterMark: 0 })
  const { limit } = steps
  // What was asked for ahead has longer: a chunk has its time from when it is waited for.
  return limit < Infinity ? new Tap(stream, () => {}, ref.home, limit).readable : stream
}
