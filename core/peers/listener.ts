import type { ActorError } from '../ground/errors.js'
import type { LinkOptions } from '../link/link-options.js'
import type { Resume } from '../link/session/handshake.js'
import type { Realm } from '../realm/realm.js'
import type { Transport } from '../transport/transport.js'
import type { LinkOffer } from './link-offer.js'
import type { Peer } from './peer.js'
import type { Peers } from './peers.js'

/** The result of `dispatcher.listen`. */
export interface Listened {
  /** The address of the interface, where there is one. */
  readonly address: string | undefined
  /** The port, where there is one. */
  readonly port: number | undefined
  /** The peers that are linked now. */
  readonly peers: readonly Peer[]
  /** Accepts no more peers, and closes the links with those that it accepted. */
  close(): Promise<void>
}

/** The result of `Listener.open`. */
export interface Listening {
  readonly address?: string
  readonly port?: number
  /** Accepts no more peers. */
  close(): Promise<void>
}

/** The links of a listener that outlive their connections. */
export interface Resumable {
  /** A transport for the link of a peer that came over this connection. */
  of(connection: Transport): Transport
  /** The session that a peer goes on with. Throws `expired` if it is not known, or of another peer. */
  readonly resumed: (id: string, peer: string) => Resume
}

/** Under this, a listener has what a dispatcher needs to listen, so that nothing else brings the code for it. */
export const LISTEN: unique symbol = Symbol('listen')

/**
 * Accepts many peers: adapters such as `webSocketServer(…)` return it, `listen` takes it, and `listener(open)` makes
 * it.
 */
export interface Listener {
  /**
   * Calls `accept` for each peer. `frame` is the size in bytes of the largest payload to accept. `refused` logs why a peer
   * that has no transport yet is not let in. Rejects with an `ActorError`.
   */
  open(accept: (transport: Transport) => void, frame: number, refused: (reason: ActorError) => void): Promise<Listening>
  /** `sessions` if peers whose connection broke may come back over another one; it adds the code for that. */
  readonly lasts?: ((realm: Realm) => Resumable) | undefined
  /** `paced` if peers that are not trusted are to be read in turns, and only while they read; it adds the code for that. */
  readonly paces?: ((realm: Realm) => NonNullable<LinkOptions['intake']>) | undefined
  readonly [LISTEN]: (peers: Peers, listener: Listener, offer: LinkOffer) => Promise<Listened>
}
