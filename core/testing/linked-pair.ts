import type { StopOptions } from '../message/stop-options.js'
import { Dispatcher } from '../dispatcher.js'
import type { LinkOffer } from '../peers/link-offer.js'
import { pair, type PairOptions } from '../transport/pair.js'
import type { Peer } from '../peers/peer.js'
import type { Actors } from '../realm/hosting.js'
import { single } from '../serving/listening.js'
import { adaptive } from '../wire/adaptive.js'
import type { RealmOptions } from '../realm/realm.js'

/** The options of `linkedPair`. */
export interface LinkedPairOptions<A extends Actors> extends PairOptions {
  /** What the far dispatcher offers. */
  readonly actors?: A
  /** Decides whether the near dispatcher is accepted. */
  readonly authorize?: LinkOffer['authorize']
  /** Options of both dispatchers, such as a virtual clock as `env`. */
  readonly dispatcher?: Omit<RealmOptions, 'id'>
}

/** The result of `linkedPair`: two linked dispatchers. `peer` is the far one as seen from the near one. */
export interface LinkedPair<A> {
  readonly near: Dispatcher
  readonly far: Dispatcher
  readonly peer: Peer<A>
  /** Closes both. */
  close(options?: Omit<StopOptions, 'reason'>): Promise<void>
}

/** Links two new dispatchers in this realm, for tests. Values are copied, as over any link. */
export async function linkedPair<A extends Actors = Actors>(
  options: LinkedPairOptions<A> = {},
): Promise<LinkedPair<A>> {
  const { actors, authorize, dispatcher = {}, ...ends } = options
  const near = new Dispatcher(dispatcher)
  const far = new Dispatcher(dispatcher)
  const [a, b] = pair({ codec: adaptive, ...ends })
  await far.listen(single(b), { ...(actors ? { actors } : {}), ...(authorize ? { authorize } : {}) })
  const peer = await near.connect<A>(a)
  return {
    near,
    far,
    peer,
    close: async (how) => {
      await near.close(how)
      await far.close(how)
    },
  }
}
