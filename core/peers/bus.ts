import type { Medium } from '../bus/medium.js'
import type { Listener } from './listener.js'
import type { LinkOffer } from './link-offer.js'
import type { Peer } from './peer.js'
import type { Peers } from './peers.js'

/** The result of `dispatcher.join`. */
export interface Joined {
  /** The other members of the bus that are linked now. */
  readonly peers: readonly Peer[]
  /** Tells the other members, and closes the links with them. */
  leave(): Promise<void>
}

/** Under this, a bus has what a dispatcher needs to join it, so that nothing else brings the code for it. */
export const JOIN: unique symbol = Symbol('join')

/**
 * A medium that many realms share: adapters such as `broadcastChannel(…)` return it, `join` takes it, and `bus(open)`
 * makes it.
 */
export interface Bus {
  /** Whether `open` is called again, with a new member id, after the medium was closed as `unreachable`. */
  readonly returns: boolean
  /** `paced` if guests are to be read at a pace; it adds the code that does so. */
  readonly paces?: Listener['paces']
  /**
   * Joins with the id `member`. `frame` is the size in bytes of the largest payload to accept. `signal` fires when the
   * result is no longer needed. Rejects with an `ActorError`.
   */
  open(member: string, frame: number, signal?: AbortSignal): Medium | Promise<Medium>
  readonly [JOIN]: (peers: Peers, bus: Bus, offer: LinkOffer) => Promise<Joined>
}
