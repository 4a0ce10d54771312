import type { Transport } from '../transport/transport.js'
import type { LinkOffer } from './link-offer.js'
import type { Peer } from './peer.js'
import type { Peers } from './peers.js'

/** What `listen` resolves to. */
export interface Listened {
  readonly address: string | undefined
  readonly port: number | undefined
  readonly peers: readonly Peer[]
  /** Takes no more peers and closes the links of those that came. */
  close(): Promise<void>
}

export interface Listening {
  readonly address?: string
  readonly port?: number
  /** Takes no more peers. */
  close(): Promise<void>
}

/** Under this, a listener has what a dispatcher needs to listen, so that nothing else brings the code for it. */
export const LISTEN: unique symbol = Symbol('listen')

/** Waits for many peers; what adapters such as `webSocketServer(...)` return and `listen` takes. Made by `listener(open)`. */
export interface Listener {
  open(accept: (transport: Transport) => void, frame: number): Promise<Listening>
  readonly [LISTEN]: (peers: Peers, listener: Listener, offer: LinkOffer) => Promise<Listened>
}
