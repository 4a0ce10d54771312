// The room transport: the contract of a channel to another realm, and a pair of channels within one.
import type { ActorError } from '../ground/errors.js'
import type { Codec } from '../wire/codec.js'

/** What a transport can do, as data: core never asks for its name. */
export interface Traits {
  /** Whether values are cloned by the platform, or only bytes cross. */
  readonly payload: 'clone' | 'bytes'
  /** Whether buffers can be moved instead of copied. */
  readonly transfer: boolean
  readonly ordered: true
  readonly topology: 'pair' | 'bus'
  /** Whether the other end belongs to us: memory, workers, threads, same-origin ports. */
  readonly trusted: boolean
  /** Whether the death of the other end goes unnoticed without a heartbeat. */
  readonly heartbeat: boolean
}

/** What is known of the other end before it says anything; handed to `authorize`. */
export interface Facts {
  readonly origin?: string | undefined
  readonly request?: unknown
  readonly loopback?: boolean
}

/** What a transport adds that can move ports: realms at two of its kind are given one of their own. */
export interface Ports {
  /** Two ends of a new channel, each of which can be moved over this transport. */
  channel(): readonly [object, object]
  /** A transport over an end that came over this one. */
  open(port: object): Transport
}

/**
 * A live two-way channel to another realm.
 *
 * Contract: order is kept; nothing is delivered after `closed` resolved; `send` after it is ignored;
 * `close` may be called any number of times. `closed` resolves once, with the reason, and never rejects.
 */
export interface Transport {
  readonly traits: Traits
  readonly codec: Codec
  readonly facts?: Facts
  readonly ports?: Ports
  readonly closed: Promise<ActorError>
  /** Throws where the platform cannot clone `data`; nothing was sent then. */
  send(data: unknown, transfer: readonly object[]): void
  /** Called once; what arrived before is delivered then. */
  receive(listener: (data: unknown) => void): void
  close(): void
  /** Bytes that were sent and have not left, where the platform tells. */
  readonly buffered?: number
  /** Whether the channel keeps its process alive. It does not until told so. */
  hold?(active: boolean): void
}

/** Opens a transport to one peer; what adapters such as `webWorker(...)` return and `connect` takes. */
export interface Connector {
  /** Shown to `authorize` at the other end. */
  readonly token?: string | undefined
  /** Gives the realm what links of this kind can do besides; it is a `Realm`. */
  readonly brings?: (realm: never) => unknown
  /** Whether the peer comes back after its link died: `open` is called again then. */
  readonly returns?: boolean
  /**
   * Rejects with an ActorError, such as `start-failed` or `unreachable`. `frame` is the largest payload to take, in bytes;
   * `signal` fires when nobody waits any more.
   */
  open(frame: number, signal?: AbortSignal): Transport | Promise<Transport>
}
