import { hostingOf } from '../actor/hosting.js'
import { Visitor } from '../bus/member.js'
import { Roster } from '../bus/roster.js'
import type { LinkOptions } from '../link/link-options.js'
import { Deferred } from '../ground/deferred.js'
import { ActorError } from '../ground/errors.js'
import { restartsOf } from '../ground/restarts.js'
import { type Bus, JOIN, type Joined } from '../peers/bus.js'
import { RequestHandler } from '../peers/request-handler.js'
import type { LinkOffer } from '../peers/link-offer.js'
import type { Peers } from '../peers/peers.js'
import { again } from '../peers/again.js'
import { Arrivals } from './arrivals.js'
import { keep } from './keep.js'

/** Milliseconds in which those who are there already are met, where the bus cannot tell who is. */
const GATHER = 100
/** The longest wait for one of whom the bus says that he is there. */
const TIMEOUT = 1_000

/**
 * Makes a bus of a function that opens its medium. With `returns`, it is opened again after it was lost. With `paced` as `paces`, guests
 * are read in turns, and only while they read what they are sent.
 */
export const bus = (
  open: Bus['open'],
  { returns = false, paces }: Partial<Pick<Bus, 'returns' | 'paces'>> = {},
): Bus => ({
  returns,
  paces,
  open,
  [JOIN]: join,
})

/** Links with everybody on a bus. Resolves once those who were there are met, but waits for nobody long. */
async function join(peers: Peers, on: Bus, offer: LinkOffer): Promise<Joined> {
  const { realm } = peers
  const requestHandler = await RequestHandler.open(realm, offer, hostingOf)
  const arrivals = new Arrivals(peers)
  const intake = on.paces?.(realm)
  // As often as it takes: the server that carries a bus may be away for long.
  const restarts = restartsOf(realm.env, { max: Infinity })
  let left = false
  const enter = async (): Promise<Roster> => {
    const entered = await meet(peers, on, requestHandler, arrivals, intake)
    if (left) entered.leave()
    void entered.closed.then(async (lost) => {
      if (left) return
      const returns = on.returns && lost.code === 'unreachable'
      const entry = returns ? await again(peers, enter, restarts, () => left, lost) : lost
      if (!(entry instanceof ActorError)) roster = entry
      else if (!left) realm.log({ level: 'warn', text: '[troupe] a bus was lost', error: entry })
    })
    return entered
  }
  let roster = await enter()
  const leave = async (): Promise<void> => {
    left = true
    peers.realm.ends.delete(leave)
    await arrivals.close()
    roster.leave()
  }
  await keep(peers, leave)
  return {
    get peers() {
      return arrivals.all
    },
    leave,
  }
}

/** Comes to the bus as a new member, and waits for those who are there. */
async function meet(
  peers: Peers,
  on: Bus,
  requestHandler: RequestHandler,
  arrivals: Arrivals,
  intake: LinkOptions['intake'],
): Promise<Roster> {
  const { realm } = peers
  const { env, limits } = realm
  const self = env.id()
  const frame = Math.max(limits.trusted.frame, limits.untrusted.frame)
  const medium = await peers.open((signal) => on.open(self, frame, signal))
  const info = medium.info?.bind(medium)
  if (info) realm.buses.add(info)
  medium.outages?.((reason) => {
    const text = reason ? 'cannot be reached; messages wait for it' : 'can be reached again'
    realm.log({ level: 'warn', text: `[troupe] ${info?.().name} ${text}`, error: reason })
  })
  const isKnown = medium.members !== undefined
  const gathered = new Deferred<void>()
  const timer = env.setTimer(() => gathered.resolve(), isKnown ? TIMEOUT : GATHER)
  void medium.closed.then(() => {
    if (info) realm.buses.delete(info)
    gathered.resolve()
  })
  // What carries the bus may stand still.
  const there = new Set((await Promise.race([medium.members?.(), gathered.promise])) ?? [])
  const seen = (id: string): void => {
    there.delete(id)
    if (isKnown && there.size === 0) gathered.resolve()
  }
  const roster = new Roster(self, medium, (id, transport) => {
    // A guest is the one that wants to be let in, and hears nothing of the others itself.
    const origin =
      transport instanceof Visitor
        ? { requestHandler, incoming: true, intake }
        : { requestHandler, incoming: !medium.guest && !transport.traits.trusted, medium }
    void arrivals.accept(transport, origin).then(() => seen(id))
  })
  seen(self)
  await gathered.promise
  env.clearTimer(timer)
  return roster
}
