import type { Medium } from '../bus/medium.js'
import type { LinkOffer } from './link-offer.js'
import type { Peer } from './peer.js'
import type { Peers } from './peers.js'

/** What `join` resolves to. */
export interface Joined {
  /** Those who are on the bus too. */
  readonly peers: readonly Peer[]
  /** Says so to the others, and closes the links with them. */
  leave(): Promise<void>
}

/** Under this, a bus has what a dispatcher needs to join it, so that nothing else brings the code for it. */
export const JOIN: unique symbol = Symbol('join')

/** A medium that many share; what adapters such as `broadcastChannel(...)` return and `join` takes. Made by `bus(open)`. */
export interface Bus {
  /** Whether one comes back to it after it was closed as `unreachable`: `open` is called again then, with a new member. */
  readonly returns: boolean
  /** Joins as `member`. Rejects with an ActorError. `frame` is the largest payload to take, in bytes. */
  open(member: string, frame: number): Medium | Promise<Medium>
  readonly [JOIN]: (peers: Peers, bus: Bus, offer: LinkOffer) => Promise<Joined>
}
