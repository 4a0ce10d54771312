import { ActorError } from '../../ground/errors.js'
import type { Writable, Writer } from '../../ground/platform-streams.js'
import type { Message } from '../../message/message.js'
import type { Flow } from './flow.js'
import type { StreamEnd } from './readable-end.js'
import type { RemoteRef } from '../../remote/remote-ref.js'

interface Sink extends Writer {
  start(controller: { error(reason: unknown): void }): void
}

declare const WritableStream: new (sink: Sink, strategy: { highWaterMark: number }) => Writable

/** Writes to a stream for a peer: from the first chunk on it is locked. */
export class WritableEnd implements StreamEnd {
  readonly size = 0
  readonly #stream: Writable
  #writer: Writer | undefined

  constructor(stream: Writable) {
    this.#stream = stream
  }

  /** Settles once the stream took the chunk. */
  async move({ method, args }: Message, ended: () => void): Promise<void> {
    if (method !== 'write' && method !== 'close' && method !== 'abort') {
      throw new ActorError('not-exposed', 'a writable stream has only write, close and abort')
    }
    let goesOn = false
    try {
      await this.#open()[method](args[0])
      goesOn = method === 'write'
    } finally {
      if (!goesOn) ended()
    }
  }

  async abandon(): Promise<void> {
    try {
      await this.#open().abort(new ActorError('unreachable', 'the writer of the stream is gone'))
    } catch {
      // Nobody is left to tell.
    }
  }

  #open(): Writer {
    return (this.#writer ??= this.#stream.getWriter())
  }
}

/**
 * A stream of the platform that writes to what a peer has: a chunk is written once the stream there took it, as it would
 * be here. `flow` is what the peer is not known to have taken.
 */
export function writableOf(ref: RemoteRef, flow: Flow, ended: () => void): Writable {
  let taken = 0
  const end = async (move: 'close' | 'abort', value?: unknown): Promise<void> => {
    try {
      await ref.call(move, [value])
    } finally {
      ended()
    }
  }
  const sink: Sink = {
    start(controller) {
      ref.linkEnded = (reason) => controller.error(reason)
    },
    async write(chunk) {
      flow.sent(chunk)
      try {
        await ref.call('write', [chunk])
        flow.arrived(++taken)
      } catch (error) {
        // The stream there hears of a chunk that could not be sent; one that failed by itself is gone.
        end('abort', error).catch(() => {})
        throw error
      }
    },
    close: () => end('close'),
    abort: (reason) => end('abort', reason),
  }
  return new WritableStream(sink, { highWaterMark: 1 })
}
