import type { Authorize } from '../link/session/handshake.js'
import type { Actors } from '../realm/hosting.js'
import type { Intensity } from '../ground/restarts.js'

/** What this side offers to the peer, and whom it lets in. */
export interface LinkOffer {
  /** Classes that the peer may spawn, by key. Objects are running actors, found under that name. */
  readonly actors?: Actors
  /** Functions that the peer may run by name, with `peer.run`. */
  readonly functions?: Readonly<Record<string, (...args: never) => unknown>>
  /**
   * Names that an untrusted peer may look up, those of this realm's trusted neighbours too;
   * unless given, all names of this realm's own actors and no others.
   */
  readonly names?: readonly string[]
  /** Asked for each peer before anything else of it is looked at. None given: only loopback. */
  readonly authorize?: Authorize
}

/** How `connect` watches over a realm that it started itself. */
export interface ConnectOptions extends LinkOffer {
  /** How often a realm that died is started again. */
  readonly restart?: Intensity
  /** A realm from which nothing was heard for `after` ms is asked, and ended and started again if it says nothing for `grace` ms. */
  readonly unresponsive?: { readonly after: number; readonly grace?: number }
}
