import { sendAsk } from '../../message/ask.js'
import { ActorError } from '../../ground/errors.js'
import type { Writable, Writer } from '../../ground/platform-streams.js'
import type { Flow } from './flow.js'
import type { RemoteRef } from '../../remote/remote-ref.js'

declare const WritableStream: new (sink: Writer, strategy: { highWaterMark: number }) => Writable

/** Writes to a stream for a peer: from the first chunk on it is locked. */
export class WritableEnd {
  readonly #stream: Writable
  #writer: Writer | undefined

  constructor(stream: Writable) {
    if (stream.locked) throw new ActorError('uncloneable', 'a WritableStream that is locked cannot be sent')
    this.#stream = stream
  }

  /** Settles once the stream took the chunk; throws `not-exposed` for what is no move of a stream. */
  async move(name: string, value: unknown): Promise<void> {
    if (name !== 'write' && name !== 'close' && name !== 'abort') {
      throw new ActorError('not-exposed', 'a writable stream has write, close and abort only')
    }
    await (this.#writer ??= this.#stream.getWriter())[name](value)
  }

  /** The peer is gone. */
  async abandon(): Promise<void> {
    await this.move('abort', new ActorError('unreachable', 'whoever wrote to the stream is gone')).catch(() => {})
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
      await sendAsk(ref, move, [value])
    } finally {
      ended()
    }
  }
  const sink: Writer = {
    async write(chunk) {
      flow.sent(chunk)
      try {
        await sendAsk(ref, 'write', [chunk])
        flow.arrived(++taken)
      } catch (error) {
        ended()
        throw error
      }
    },
    close: () => end('close'),
    abort: (reason) => end('abort', reason),
  }
  return new WritableStream(sink, { highWaterMark: 1 })
}
