import { Dispatcher } from './dispatcher.js'
import type { LinkOffer } from './peers/link-offer.js'
import type { Listener } from './peers/listener.js'
import type { Actors } from './realm/hosting.js'
import type { RealmOptions } from './realm/realm.js'

declare const console: { error(...data: unknown[]): void }

/** The options of `host`. */
export interface HostOptions {
  /** Limits of the dispatcher that `host` makes for this realm. */
  readonly limits?: RealmOptions['limits']
  /** The dispatcher that owns the actors. A new one unless given. */
  readonly dispatcher?: Dispatcher
  /** Decides for each peer whether it is accepted. */
  readonly authorize?: LinkOffer['authorize']
  /** Functions that the peer may run by name, with `peer.run`. */
  readonly functions?: LinkOffer['functions']
}

/**
 * Offers actors to the peers of a listener: what each adapter's `host` calls. An error goes to `console.error`.
 *
 * Returns `actors`, whose type `connect<typeof actors>` takes.
 */
export function hostOn<A extends Actors>(listener: Listener, actors: A, options: HostOptions = {}): A {
  const { limits, authorize, functions } = options
  const dispatcher = options.dispatcher ?? new Dispatcher(limits ? { limits } : {})
  const offer = { actors, ...(authorize && { authorize }), ...(functions && { functions }) }
  dispatcher.listen(listener, offer).catch(async (error: unknown) => {
    console.error('[troupe] host() cannot offer its actors', error)
    // Whoever waits at the other end hears of it now.
    await listener.open(
      (transport) => transport.close(),
      0,
      () => {},
    )
  })
  return actors
}
