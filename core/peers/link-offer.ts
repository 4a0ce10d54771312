import type { Authorize } from '../link/session/handshake.js'
import type { SharedKey } from '../link/session/shared-key.js'
import type { Actors } from '../realm/hosting.js'
import type { Intensity } from '../ground/restarts.js'

/** What this side offers to peers, and which peers it accepts. */
export interface LinkOffer {
  /** By key: classes that a peer may spawn, and objects that are running actors, found under that name. */
  readonly actors?: Actors
  /** Functions that a peer may run by name, with `peer.run`. */
  readonly functions?: Readonly<Record<string, (...args: never) => unknown>>
  /**
   * Names that an untrusted peer may look up; those of trusted neighbours may be among them. Unless given: all names
   * of this dispatcher's own actors.
   */
  readonly names?: readonly string[]
  /**
   * Called for each peer before anything else. Unless given, only trusted peers, peers on the loopback interface and peers
   * that know the `key` are accepted.
   */
  readonly authorize?: Authorize
  /**
   * What `sharedKey(…)` returns. Both sides prove to each other that they know the secret, before `authorize` is asked and
   * before the token is sent. A peer that does not is refused with `unauthorized`. Without `authorize`, a peer that does is
   * accepted from anywhere.
   */
  readonly key?: SharedKey | undefined
  /**
   * The version of the application. If the other side states another one, neither side accepts the other: both get the code
   * `version`, and the event `version`. It is not compared where a side states none.
   */
  readonly version?: string
  /** Says whether two versions can work together, where they are not equal. */
  readonly compatible?: (theirs: string, ours: string) => boolean
}

/** What `host` offers: the peer that started this realm can end it. */
export interface HostOffer extends LinkOffer {
  /**
   * Stops all that runs in this realm, by what the peer says of `CloseOptions`. When it resolves, the peer ends the
   * realm.
   */
  readonly ends?: ((options: unknown) => unknown) | undefined
}

/** The options of `connect`: what this side offers, and how it watches over a realm that a factory made. */
export interface ConnectOptions extends LinkOffer {
  /** How often a realm that died is started again. After that, `peer.closed` resolves. */
  readonly restart?: Intensity
  /**
   * A realm that has sent nothing for `after` ms is pinged. If it sends nothing for `grace` ms, it is ended and
   * started again.
   */
  readonly unresponsive?: { readonly after: number; readonly grace?: number }
}
