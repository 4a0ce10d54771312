import { Deferred } from '../ground/deferred.js'
import { ActorError } from '../ground/errors.js'
import type { Traits, Transport } from './transport.js'
import type { Codec } from '../wire/codec.js'

/**
 * What every transport does the same: it ends once, delivers nothing afterwards, and keeps what arrives
 * before somebody listens. Adapters add how one sends, and how one ends.
 */
export abstract class Channel implements Transport {
  abstract readonly traits: Traits
  abstract readonly codec: Codec
  readonly #closed = new Deferred<ActorError>()
  #listener: ((data: unknown) => void) | undefined
  #early: unknown[] = []
  #over = false

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

  close(): void {
    this.fail(new ActorError('stopped', 'the link was closed here'))
  }

  /** The other end is gone, or this end gives up. */
  fail(reason: ActorError): void {
    if (this.#over) return
    this.#over = true
    this.end()
    this.#closed.resolve(reason)
  }

  /** Something arrived. */
  protected take(data: unknown): void {
    if (this.#over) return
    if (this.#listener) this.#listener(data)
    else this.#early.push(data)
  }

  protected abstract post(data: unknown, transfer: readonly object[]): void
  /** Ends the platform's object; called once. */
  protected abstract end(): void
}
