// The room serving: lets many peers come: listening, and joining a bus.
import { hostingOf } from '../actor/hosting.js'
import { RequestHandler } from '../peers/request-handler.js'
import type { LinkOffer } from '../peers/link-offer.js'
import { LISTEN, type Listened, type Listener } from '../peers/listener.js'
import type { Peers } from '../peers/peers.js'
import type { Transport } from '../transport/transport.js'
import { Arrivals, refused } from './arrivals.js'
import { keep } from './keep.js'

/**
 * Makes a listener of a function that is called once, and that calls `accept` with a transport for each peer. With
 * `sessions`, links go on over another connection when one breaks, where the transport says that it `reconnects`. With `paced`,
 * peers that are not trusted are read in turns, and only while they read what they are sent.
 */
export const listener = (open: Listener['open'], lasts?: Listener['lasts'], paces?: Listener['paces']): Listener => ({
  open,
  lasts,
  paces,
  ...listening,
})

/** Makes a listener for the one peer at the other end of a transport. */
export const single = (transport: Transport): Listener =>
  listener(async (take) => {
    take(transport)
    return { close: async () => {} }
  })

/** What an object with `open` needs to be a listener. */
export const listening = { [LISTEN]: listen }

/** Takes the peers that come. */
async function listen(peers: Peers, on: Listener, offer: LinkOffer): Promise<Listened> {
  const { realm } = peers
  const requestHandler = await RequestHandler.open(realm, offer, hostingOf)
  const arrivals = new Arrivals(peers)
  const sessions = on.lasts?.(realm)
  const options = { requestHandler, incoming: true, resumed: sessions?.resumed, intake: on.paces?.(realm) }
  const take = (transport: Transport): void => void arrivals.accept(sessions?.of(transport) ?? transport, options)
  const { frame } = realm.limits.untrusted
  const opened = await peers.open(() => on.open(take, frame, (reason) => refused(peers, reason)))
  const close = async (): Promise<void> => {
    peers.realm.ends.delete(close)
    const closing = opened.close()
    await arrivals.close()
    await closing
  }
  await keep(peers, close)
  return {
    address: opened.address,
    port: opened.port,
    get peers() {
      return arrivals.all
    },
    close,
  }
}
