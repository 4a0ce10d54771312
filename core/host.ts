import { Dispatcher } from './dispatcher.js'
import type { LinkOffer } from './peers/link-offer.js'
import type { Listener } from './peers/listener.js'
import type { Actors } from './realm/hosting.js'
import type { RealmOptions } from './realm/realm.js'

declare const console: { error(...data: unknown[]): void }

export interface HostOptions {
  /** Bounds of the dispatcher that is made for this realm. */
  readonly limits?: RealmOptions['limits']
  /** The dispatcher to host on; one is made unless given. */
  readonly dispatcher?: Dispatcher
  readonly authorize?: LinkOffer['authorize']
  /** Functions that the peer may run by name, with `peer.run`. */
  readonly functions?: LinkOffer['functions']
}

/** Hosts `actors` for the peers that come. Returns `actors`, whose type names the keys. */
export function hostOn<A extends Actors>(listener: Listener, actors: A, options: HostOptions = {}): A {
  const { limits, authorize, functions } = options
  const dispatcher = options.dispatcher ?? new Dispatcher(limits ? { limits } : {})
  const offer = { actors, ...(authorize && { authorize }), ...(functions && { functions }) }
  dispatcher.listen(listener, offer).catch(async (error: unknown) => {
    console.error('[troupe] host() cannot offer its actors', error)
    // Whoever waits at the other end hears of it now.
    await listener.open((transport) => transport.close(), 0)
  })
  return actors
}
