import { Deferred } from '../ground/deferred.js'
import { ActorError } from '../ground/errors.js'
import { type Traits, type Transport, UNREADABLE } from './transport.js'
import type { Codec } from '../wire/codec.js'

/**
 * The base class of transports. It ends once, delivers nothing afterwards, and keeps what arrives before `receive` is
 * called. A subclass adds `post` and `end`, and calls `take` and `fail`.
 */
export abstract class Channel implements Transport {
  /** What the transport can do. */
  abstract readonly traits: Traits
  /** How frames are written: `bytes`, `flat` or `adaptive`. */
  abstract readonly codec: Codec
  readonly #closed = new Deferred<ActorError>()
  #listener: ((data: unknown) => void) | undefined
  #early: unknown[] = []
  #over = false

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.#over
  }

  get closed(): Promise<ActorError> {
    return this.#closed.promise
  }

  send(data: unknown, transfer: readonly object[]): void {
    if (!this.#over) this.post(data, transfer)
  }

  receive(listener: (data: unknown) => void): void {
    this.#listener = listener
    for (const data of this.#early.splice(0)) listener(data)
  }

  /** Ends the channel with the reason `stopped`. */
  close(): void {
    this.fail(new ActorError('stopped', 'the link was closed here'))
  }

  /** Ends the channel: the other end is gone, or this end gives up. Only the first call counts. */
  fail(reason: ActorError): void {
    if (this.#over) return
    this.#over = true
    this.end()
    this.#closed.resolve(reason)
  }

  /** Delivers a payload that arrived. */
  protected take(data: unknown): void {
    if (this.#over) return
    if (this.#listener) this.#listener(data)
    else this.#early.push(data)
  }

  /** A payload arrived that could not be read in this realm. */
  protected miss(): void {
    this.take(UNREADABLE)
  }

  /** Sends one payload. Throws if the platform can't clone it. */
  protected abstract post(data: unknown, transfer: readonly object[]): void
  /** Closes the platform's object. Called once. */
  protected abstract end(): void
}
