import { ActorError } from '../ground/errors.js'
import { requireRef } from '../proxy/proxy.js'
import type { Proxy } from '../proxy/proxy-types.js'
import { Singleton } from './singleton.js'

/**
 * What this realm has to do with a singleton: it is `leading` if it runs the actor, or sees to it that the `home` runs it;
 * `following` if another realm does; `waiting` while none is known to; `ended` if it takes part no more.
 */
export type LeadershipState = 'leading' | 'following' | 'waiting' | 'ended'

/** The events of a leadership, each with the arguments of its listener. */
export interface LeadershipEvents {
  /**
   * The state changed, or another realm leads, whose dispatcher has the id `leader`. `reason` says why it ended: its code is
   * `version` if a later version of the application took over.
   */
  state(
    state: LeadershipState,
    details: { readonly leader: string | undefined; readonly reason: ActorError | undefined },
  ): void
}

/** Who runs a singleton, as seen from one realm. */
export interface Leadership {
  readonly state: LeadershipState
  /** The id of the dispatcher that leads, as far as it is known. */
  readonly leader: string | undefined
  /** Calls `listener` with each event. Returns its undo. Throws `malformed` for anything but a function. */
  on<K extends keyof LeadershipEvents>(event: K, listener: LeadershipEvents[K]): () => void
}

/**
 * Tells who runs a singleton: for what a page shows.
 *
 * Takes the proxy that `singleton` resolved to. Throws `malformed` for any other one.
 *
 * ```ts
 * const { state, leader } = leadership(board)
 * leadership(board).on('state', (state) => console.log(state))
 * ```
 */
export function leadership(proxy: Proxy<unknown>): Leadership {
  const ref = requireRef(proxy)
  if (ref instanceof Singleton) return ref
  throw new ActorError('malformed', 'leadership takes the proxy that singleton() resolved to')
}
