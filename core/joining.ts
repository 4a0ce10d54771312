import type { Bus } from './bus/bus.js'
import { Roster } from './bus/roster.js'
import { Deferred } from './deferred.js'
import type { Desk } from './desk.js'
import type { Peer } from './peer.js'
import type { Peers } from './peers.js'
import type { Realm } from './realm.js'
import type { RemotePeer } from './remote-peer.js'

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
  const { env, limits } = realm
  const self = env.id()
  const medium = await peers.open(() => bus.open(self, limits.untrusted.frame))
  const isKnown = medium.members !== undefined
  const met = new Set<RemotePeer>()
  const there = new Set(await medium.members?.())
  there.delete(self)
  const gathered = new Deferred<void>()
  const timer = env.setTimer(() => gathered.resolve(), isKnown ? PATIENCE : GATHER)
  const seen = (id?: string): void => {
    if (id !== undefined) there.delete(id)
    if (isKnown && there.size === 0) gathered.resolve()
  }
  const roster = new Roster(self, medium, (id, transport) => {
    const origin = { desk, medium, incoming: !transport.traits.trusted }
    void peers.accept(transport, origin, met).then(() => seen(id))
  })
  seen()
  void medium.closed.then(() => gathered.resolve())
  await gathered.promise
  env.clearTimer(timer)
  const leave = async (): Promise<void> => {
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
