import { ActorError } from '../../ground/errors.js'
import { Wire, type WireKind } from './wire.js'

/** One end of a connection. */
export type Side = 'client' | 'server'

/**
 * Calls `arrive` later, and for each end in the order in which it was called. `data` is the payload, undefined where the
 * end is told that the connection is closed.
 */
export type Carry = (to: Side, arrive: () => void, data?: unknown) => void

/** The two ends of one connection. */
export class Connection {
  readonly client: Wire
  readonly server: Wire
  /** The ends at which nothing arrives any more. They are not told. */
  readonly deaf = new Set<Side>()
  readonly #carry: Carry

  constructor(carry: Carry, kind?: WireKind) {
    this.#carry = carry
    const end = (to: Side): Wire =>
      new Wire(
        (data) => carry(to, () => this.deaf.has(to) || this[to].take(data), data),
        () => carry(to, () => this.deaf.has(to) || this[to].fail(gone())),
        kind,
      )
    this.client = end('server')
    this.server = end('client')
  }

  /** Whether both ends have closed, or were told that it is closed. */
  get isOver(): boolean {
    return this.client.isOver && this.server.isOver
  }

  /** From now on nothing arrives, at one end or at both, and neither is told. */
  freeze(side?: Side): void {
    for (const each of side ? [side] : (['client', 'server'] as const)) this.deaf.add(each)
  }

  /** Ends it, and tells both ends at once. What is on its way is lost. */
  cut(): void {
    this.freeze()
    this.client.fail(gone())
    this.server.fail(gone())
  }

  /** Ends it. What is on its way is lost. Only the given end is told, in time. */
  tear(told: Side): void {
    this.freeze()
    this.#carry(told, () => this[told].fail(gone()))
  }
}

const gone = (): ActorError => new ActorError('unreachable', 'the connection was cut')
