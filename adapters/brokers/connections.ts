import { ActorError } from '../../core/adapter.js'
import type { BrokerListener } from './broker.js'

/** What is told of the connections of a client: together they are up, or down. */
export class Connections {
  /** Resolves when they are up for the first time. Rejects when they have ended, or `signal` fires. */
  readonly ready: Promise<void>
  readonly #listener: BrokerListener
  #isUp = false
  #hasEnded = false
  #resolve!: () => void
  #reject!: (reason: unknown) => void

  constructor(listener: BrokerListener, signal: AbortSignal | undefined) {
    this.#listener = listener
    this.ready = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Told where it is awaited.
    this.ready.catch(() => {})
    const given = (): void => this.end(new ActorError('unreachable', 'the server was not reached in time'))
    signal?.addEventListener('abort', given)
    if (signal?.aborted) given()
  }

  /** They are up or down now; `cause` is why they are down. */
  set(isUp: boolean, cause?: unknown): void {
    if (isUp === this.#isUp || this.#hasEnded) return
    this.#isUp = isUp
    if (!isUp) return this.#listener.down(lost(cause))
    this.#listener.up()
    this.#resolve()
  }

  /** A command of Redis failed. */
  failed(cause: unknown): void {
    if (/^(?:NOPERM|NOAUTH|WRONGPASS)/.test((cause as Partial<Error> | undefined)?.message ?? '')) this.refused(cause)
  }

  /** The server does not permit what the bus needs. */
  refused(cause: unknown): void {
    this.end(new ActorError('unauthorized', 'the server does not permit what the bus needs', { cause }))
  }

  /** They do not come back. */
  end(reason: ActorError): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#reject(reason)
    this.#listener.end(reason)
  }
}

const lost = (cause: unknown): ActorError => new ActorError('unreachable', 'the connection was lost', { cause })
