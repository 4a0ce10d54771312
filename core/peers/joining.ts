import type { Bus } from '../bus/bus.js'
import { Roster } from '../bus/roster.js'
import { Deferred } from '../ground/deferred.js'
import type { Desk } from './desk.js'
import { ActorError } from '../ground/errors.js'
import type { Peer } from './peer.js'
import type { Peers } from './peers.js'
import type { Realm } from '../realm/realm.js'
import type { RemotePeer } from './remote-peer.js'
import { Restarts } from '../ground/restarts.js'

/** What `join` resolves to. */
export interface Joined {
  /** Those who are on the bus too. */
  readonly peers: readonly Peer[]
  /** Says so to the others, and closes the links with them. */
  leave(): Promise<void>
}

/** Milliseconds in which those who are there already are met, where the bus cannot tell who is. */
const GATHER = 100
/** The longest wait for one of whom the bus says that he is there. */
const PATIENCE = 1_000

/** Links with everybody on a bus. Resolves once those who were there are met, but waits for nobody long. */
export async function join(realm: Realm, peers: Peers, bus: Bus, desk: Desk): Promise<Joined> {
  const met = new Set<RemotePeer>()
  const restarts = new Restarts(realm.env)
  let left = false
  const enter = async (): Promise<Roster> => {
    const entered = await meet(realm, peers, bus, desk, met)
    if (left) entered.leave()
    void entered.closed.then(async ({ code }) => {
      if (left || !bus.returns || code !== 'unreachable') return
      const again = await peers.again(enter, restarts, () => left)
      if (again instanceof ActorError) realm.log({ level: 'warn', text: '[troupe] a bus was lost', error: again })
      else roster = again
    })
    return entered
  }
  let roster = await enter()
  const leave = async (): Promise<void> => {
    left = true
    peers.ends.delete(leave)
    await Promise.all(Array.from(met, (peer) => peer.close()))
    roster.leave()
  }
  await peers.keep(leave)
  return {
    get peers() {
      return [...met]
    },
    leave,
  }
}

/** Comes to the bus as a new member, and waits for those who are there. */
async function meet(realm: Realm, peers: Peers, bus: Bus, desk: Desk, met: Set<RemotePeer>): Promise<Roster> {
  const { env, limits } = realm
  const self = env.id()
  const medium = await peers.open(() => bus.open(self, limits.untrusted.frame))
  const isKnown = medium.members !== undefined
  const there = new Set(await medium.members?.())
  const gathered = new Deferred<void>()
  const timer = env.setTimer(() => gathered.resolve(), isKnown ? PATIENCE : GATHER)
  const seen = (id: string): void => {
    there.delete(id)
    if (isKnown && there.size === 0) gathered.resolve()
  }
  const roster = new Roster(self, medium, (id, transport) => {
    const origin = { desk, medium, incoming: !transport.traits.trusted }
    void peers.accept(transport, origin, met).then(() => seen(id))
  })
  seen(self)
  void medium.closed.then(() => gathered.resolve())
  await gathered.promise
  env.clearTimer(timer)
  return roster
}
