import type { Deadlined } from '../ground/deadlines.js'
import { ActorError, thrownBy } from '../ground/errors.js'
import type { Readable, Reader } from '../ground/platform-streams.js'
import type { Home } from './ref.js'

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

/** Reads a stream of the platform for another reader, chunk by chunk as that one asks, until it is told to close. */
export class Tap implements Deadlined {
  list: Deadlined['list'] = undefined
  earlier: Deadlined['earlier'] = undefined
  later: Deadlined['later'] = undefined
  deadline = Infinity
  /** What takes the place of the stream. */
  readonly readable: Readable
  readonly #reader: Reader
  readonly #ended: () => void
  #controller!: Controller
  #over = false
  #isReading = false
  /** How it came to its end while it was read. */
  #last: (() => void) | undefined

  /** Locks `stream`. `ended` is called once, when nothing more can come. */
  constructor(stream: Readable, ended: () => void, home?: Home, timeout = Infinity) {
    const reader = (this.#reader = stream.getReader())
    this.#ended = ended
    const source: Source = {
      start: (controller) => void (this.#controller = controller),
      pull: async (controller) => {
        if (home && timeout < Infinity) {
          const now = home.env.now()
          this.deadline = now + timeout
          home.deadlines.add(this, now)
        }
        this.#isReading = true
        try {
          const { done, value } = await reader.read()
          if (this.#over) return
          if (done) this.#close()
          else controller.enqueue(value)
        } catch (error) {
          if (!this.#over) this.#fail(error)
        } finally {
          this.list?.remove(this)
          this.#isReading = false
          if (this.#last) this.#finish(this.#last)
        }
      },
      cancel: (reason) => {
        this.#end()
        return reader.cancel(reason)
      },
    }
    this.readable = new ReadableStream(source, { highWaterMark: 0 })
    // It may end while nobody reads.
    reader.closed.then(
      () => this.#finish(() => this.#close()),
      (error: unknown) => this.#finish(() => this.#fail(error)),
    )
  }

  expire(): void {
    this.close(new ActorError('timeout', 'read() of the stream timed out'))
  }

  /** Whoever reads it learns the reason, and the stream is cancelled with it. */
  close(reason: ActorError): void {
    if (this.#over) return
    this.#end()
    this.#controller.error(reason.asRunning())
    // What its source says to that interests nobody.
    this.#reader.cancel(reason).catch(() => {})
  }

  /** The stream has come to its end. What is being read of it comes before that. */
  #finish(end: () => void): void {
    if (this.#isReading) this.#last = end
    else if (!this.#over) end()
  }

  #close(): void {
    this.#end()
    this.#controller.close()
  }

  #fail(error: unknown): void {
    this.#end()
    this.#controller.error(thrownBy(error))
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#ended()
  }
}
