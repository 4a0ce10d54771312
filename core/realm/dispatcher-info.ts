import type { BusInfo } from '../transport/bus-info.js'
import type { Stalled, Terminated } from './realm-events.js'

/** The result of `dispatcher.info()` and `peer.info()`. */
export interface DispatcherInfo {
  /** The id of the dispatcher. */
  readonly id: string
  /** The path of the root, which is above all actors: `/`. */
  readonly root: string
  /** Ids of the actors that live. */
  readonly actors: readonly string[]
  /** The last 100 actors that ended, each with the reason. */
  readonly terminated: readonly Terminated[]
  /** Handlers that were told as stalled, and still run. */
  readonly stalled: readonly Stalled[]
  /** Names of actors that this dispatcher has. */
  readonly names: readonly string[]
  readonly peers: readonly PeerInfo[]
  /** The buses that were joined and that a server carries. */
  readonly buses: readonly BusInfo[]
  /** Dead letters so far. */
  readonly deadLetters: number
  /** Deadlines of pending calls. */
  readonly deadlines: number
}

/** One link of a dispatcher. */
export interface PeerInfo {
  /** The id of the dispatcher at the other end. */
  readonly id: string
  /** Calls that await a reply. */
  readonly pending: number
  /** References that the peer holds to values of this realm. */
  readonly exports: number
  /** References that this realm holds to values of the peer. */
  readonly imports: number
  /** Bytes that were sent and wait: in the transport, and in streams whose reader has not confirmed them. */
  readonly buffered: number
}
