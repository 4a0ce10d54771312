import type { Desk } from './desk.js'
import type { Peer } from './peer.js'
import type { Peers } from './peers.js'
import type { Realm } from '../realm/realm.js'
import type { RemotePeer } from './remote-peer.js'
import type { Listener } from '../transport/transport.js'

/** What `listen` resolves to. */
export interface Listened {
  readonly address: string | undefined
  readonly port: number | undefined
  readonly peers: readonly Peer[]
  /** Takes no more peers and closes the links of those that came. */
  close(): Promise<void>
}

/** Takes the peers that come. */
export async function listen(realm: Realm, peers: Peers, listener: Listener, desk: Desk): Promise<Listened> {
  const came = new Set<RemotePeer>()
  const listening = await listener.open(
    (transport) => void peers.accept(transport, { desk, incoming: true }, came),
    realm.limits.untrusted.frame,
  )
  const close = async (): Promise<void> => {
    peers.ends.delete(close)
    const closing = listening.close()
    await Promise.all(Array.from(came, (peer) => peer.close()))
    await closing
  }
  await peers.keep(close)
  return {
    address: listening.address,
    port: listening.port,
    get peers() {
      return [...came]
    },
    close,
  }
}
