import { Deferred } from './deferred.js'
import { ActorError } from './errors.js'
import type { Connector, Listener, Transport } from './transport.js'
import type { Codec } from './wire/codec.js'
import { flat } from './wire/flat.js'

declare const queueMicrotask: (fn: () => void) => void
declare const structuredClone: (value: unknown, options: { transfer: object[] }) => unknown

export interface PairOptions {
  /** Flat arrays unless given; `bytes` makes it a link of bytes. */
  readonly codec?: Codec
  readonly payload?: 'clone' | 'bytes'
  /** Whether the ends trust each other; they do unless told. */
  readonly trusted?: boolean
}

/** Two ends of one link inside this realm. */
export function pair(options: PairOptions = {}): readonly [PairEnd, PairEnd] {
  const a = new PairEnd(options)
  const b = new PairEnd(options)
  a.meet(b)
  b.meet(a)
  return [a, b]
}

/** One end: give it to `connect` or to `listen`. */
export class PairEnd implements Transport, Connector, Listener {
  readonly traits
  readonly codec: Codec
  readonly facts = { loopback: true }
  readonly #closed = new Deferred<ActorError>()
  #other: PairEnd | undefined
  #listener: ((data: unknown) => void) | undefined
  #early: unknown[] = []
  #over = false

  constructor(options: PairOptions) {
    this.codec = options.codec ?? flat
    this.traits = {
      payload: options.payload ?? 'clone',
      transfer: options.payload !== 'bytes',
      ordered: true,
      topology: 'pair',
      trusted: options.trusted ?? true,
      heartbeat: false,
    } as const
  }

  get closed(): Promise<ActorError> {
    return this.#closed.promise
  }

  meet(other: PairEnd): void {
    this.#other = other
  }

  open(frame: number): this
  open(accept: (transport: Transport) => void): Promise<{ close(): Promise<void> }>
  open(accept: number | ((transport: Transport) => void)): this | Promise<{ close(): Promise<void> }> {
    if (typeof accept === 'number') return this
    accept(this)
    return Promise.resolve({ close: async () => this.close() })
  }

  send(data: unknown, transfer: readonly object[]): void {
    const other = this.#other
    if (this.#over || !other) return
    const copy = structuredClone(data, { transfer: [...transfer] })
    queueMicrotask(() => other.#take(copy))
  }

  receive(listener: (data: unknown) => void): void {
    this.#listener = listener
    for (const data of this.#early.splice(0)) listener(data)
  }

  close(): void {
    this.#end(new ActorError('stopped', 'the link was closed here'))
    const other = this.#other
    if (other) queueMicrotask(() => other.#end(new ActorError('unreachable', 'the other end was closed')))
  }

  #take(data: unknown): void {
    if (this.#over) return
    if (this.#listener) this.#listener(data)
    else this.#early.push(data)
  }

  #end(reason: ActorError): void {
    if (this.#over) return
    this.#over = true
    this.#closed.resolve(reason)
  }
}
