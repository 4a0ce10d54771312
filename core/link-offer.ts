import type { Authorize } from './link/handshake.js'
import type { Actors } from './peer.js'

/** What this side offers to the peer, and whom it lets in. */
export interface LinkOffer {
  /** Classes that the peer may spawn, by key. Objects are running actors, found under that name. */
  readonly actors?: Actors
  /**
   * Names that an untrusted peer may look up, those of this realm's trusted neighbours too;
   * unless given, all names of this realm's own actors and no others.
   */
  readonly names?: readonly string[]
  /** Asked for each peer before anything else of it is looked at. None given: only loopback. */
  readonly authorize?: Authorize
}
