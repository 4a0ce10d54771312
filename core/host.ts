import { Dispatcher, type LinkOffer } from './dispatcher.js'
import type { Actors } from './peer.js'
import type { RealmOptions } from './realm.js'
import type { Transport } from './transport.js'

declare const console: { error(...data: unknown[]): void }

export interface HostOptions {
  /** Bounds of the dispatcher that is made for this realm. */
  readonly limits?: RealmOptions['limits']
  /** The dispatcher to host on; one is made unless given. */
  readonly dispatcher?: Dispatcher
  readonly authorize?: LinkOffer['authorize']
}

/** Hosts `actors` for the one peer at the other end of `transport`. Returns `actors`, whose type names the keys. */
export function hostOn<A extends Actors>(transport: Transport, actors: A, options: HostOptions = {}): A {
  const dispatcher = options.dispatcher ?? new Dispatcher(options.limits ? { limits: options.limits } : {})
  const listener = {
    open: async (accept: (transport: Transport) => void) => {
      accept(transport)
      return { close: async () => {} }
    },
  }
  const offer = { actors, ...(options.authorize ? { authorize: options.authorize } : {}) }
  dispatcher.listen(listener, offer).catch((error: unknown) => {
    console.error('[troupe] host() cannot offer its actors', error)
    transport.close()
  })
  return actors
}
