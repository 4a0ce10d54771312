import { Dispatcher } from './dispatcher.js'
import { platformEnv } from './ground/env.js'
import { readStopOptions } from './message/stop-options.js'
import type { HostOffer, LinkOffer } from './peers/link-offer.js'
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
  /** What `sharedKey(…)` returns: only peers that know the secret are accepted. */
  readonly key?: LinkOffer['key']
  /** Functions that the peer may run by name, with `peer.run`. */
  readonly functions?: LinkOffer['functions']
  /** The version of the application: see `connect`. */
  readonly version?: LinkOffer['version']
  /** Says whether two versions can work together, where they are not equal. */
  readonly compatible?: LinkOffer['compatible']
}

/** How a realm ends that another one started. */
export interface RealmEnd {
  /**
   * Ends this realm; its actors have stopped. Where it can't, the realm is ended from outside as soon as the promise
   * resolves that it returns.
   */
  leave(): unknown
  /** Resolves when the realm that started this one is gone: then this one ends, too. */
  readonly orphaned?: Promise<unknown>
}

/**
 * Offers actors to the peers of a listener: what each adapter's `host` calls. With `end`, the peer can end this
 * realm, and one whose actors are wrong fails as if they had thrown the error. Elsewhere it goes to `console.error`.
 *
 * Returns `actors`, whose type `connect<typeof actors>` takes.
 */
export function hostOn<A extends Actors>(listener: Listener, actors: A, options: HostOptions = {}, end?: RealmEnd): A {
  const { limits = {}, dispatcher = new Dispatcher({ limits }) } = options
  const ends =
    end &&
    (async (how?: unknown): Promise<unknown> => {
      await dispatcher.close(readStopOptions(how))
      return end.leave()
    })
  void end?.orphaned?.then(() => ends!())
  const offer = { ...options, actors, ends } as HostOffer
  dispatcher.listen(listener, offer).catch(async (error: unknown) => {
    // A realm that was started for its actors did not start.
    if (end)
      return platformEnv.defer(() => {
        throw error
      })
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
