import { queueMicrotask } from '../ground/env.js'
import { Channel } from './channel.js'
import { ActorError } from '../ground/errors.js'
import type { Connector } from './transport.js'
import type { Codec } from '../wire/codec.js'
import { flat } from '../wire/flat.js'

declare const structuredClone: (value: unknown, options: { transfer: object[] }) => unknown

/** The options of `pair` and `memory`. */
export interface PairOptions {
  /** How frames are written. For a link of bytes give `bytes`, and the payload `bytes`. */
  readonly codec?: Codec
  /** `clone` unless given. */
  readonly payload?: 'clone' | 'bytes'
  /** Whether the ends trust each other. `true` unless given. */
  readonly trusted?: boolean
}

/** Makes the two ends of one link inside this realm. Payloads are copied, as between realms. */
export function pair(options: PairOptions = {}): readonly [PairEnd, PairEnd] {
  const a = new PairEnd(options)
  const b = new PairEnd(options)
  a.meet(b)
  b.meet(a)
  return [a, b]
}

/** One end: `connect` takes it, and `single` makes a listener of it. */
export class PairEnd extends Channel implements Connector {
  readonly traits
  readonly codec: Codec
  readonly facts = { loopback: true }
  #other: PairEnd | undefined
  #isOpen = false

  constructor(options: PairOptions) {
    super()
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

  meet(other: PairEnd): void {
    this.#other = other
  }

  open(): this {
    if (this.#isOpen) throw new ActorError('malformed', 'this end already has a link, or had one; make a new pair')
    this.#isOpen = true
    return this
  }

  protected post(data: unknown, transfer: readonly object[]): void {
    const other = this.#other
    const copy = structuredClone(data, { transfer: [...transfer] })
    queueMicrotask(() => other?.take(copy))
  }

  protected end(): void {
    const other = this.#other
    queueMicrotask(() => other?.fail(new ActorError('unreachable', 'the other end was closed')))
  }
}
