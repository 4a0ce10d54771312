import { ActorError } from '../ground/errors.js'
import type { LinkOptions } from '../link/link-options.js'
import type { Peers } from '../peers/peers.js'
import { RemotePeer } from '../peers/remote-peer.js'
import type { Transport } from '../transport/transport.js'

/** Makes a peer of a transport, one of those in `came` for as long as it stays. One that is not let in is logged. */
export async function accept(
  peers: Peers,
  transport: Transport,
  options: LinkOptions,
  came: Set<RemotePeer>,
): Promise<void> {
  try {
    const link = await peers.attach(transport, options)
    const peer = new RemotePeer(link)
    came.add(peer)
    void peer.closed.then(() => came.delete(peer))
    peers.watch(link, peer)
  } catch (error) {
    // One that left by itself is no news.
    if (error instanceof ActorError && error.code === 'unreachable') return
    refused(peers, error)
  }
}

/** Says in the log why a peer is not let in. */
export const refused = (peers: Peers, error: unknown): void =>
  peers.realm.log({ level: 'warn', text: '[troupe] a peer was refused', error })
