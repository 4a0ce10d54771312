// The room shortcuts: realms that were introduced talk without the realm between.
import { requestOf } from '../message/request.js'
import { ActorError } from '../ground/errors.js'
import type { Link } from '../link/link.js'
import { LinkRoute, linkRouteOf } from '../remote/link-route.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import type { Remotes } from '../remote/remotes.js'
import type { Introduction, Line, ShorterRoutes } from '../remote/routes.js'
import type { Realm } from '../realm/realm.js'
import type { Exported } from '../link/references/exports.js'
import type { Transport } from '../transport/transport.js'
import { Gate } from './gate.js'

type Gated = Extract<Exported, { kind: 'actor' }>

/** Milliseconds that a realm has to say that it passed on all that a broken way brought it. */
const TIMEOUT = 5_000
/**
 * Milliseconds after which an old way is taken for broken, though no link on it has ended. Old ways of two references may
 * lead through each other, and would wait for each other for ever.
 */
const LONGEST = 60_000

/**
 * Lets realms that were introduced to each other talk without the realm between.
 *
 * A reference then changes its route: it is told its place in the new link's table, behind a gate that opens once all
 * that went by the old route has arrived.
 */
export class Shortcuts implements ShorterRoutes {
  readonly #realm: Realm
  /** Neighbours that lead to realms which are not neighbours. */
  readonly #leads = new Map<string, string>()
  readonly #moving = new WeakSet<RemoteRef>()

  constructor(realm: Realm) {
    this.#realm = realm
  }

  considerAll(): void {
    for (const ref of refsIn(this.#realm.remotes)) this.consider(ref)
  }

  consider(ref: RemoteRef): void {
    const { realm } = ref.address
    const { lines } = this.#realm.routes
    const line = lines.get(realm) ?? lines.get(this.#leads.get(realm) ?? '')
    const old = linkRouteOf(ref)
    if (!line || !old?.carrier.trusted || line === old.carrier || old.carrier.peer === realm || this.#moving.has(ref))
      return
    this.#moving.add(ref)
    void this.#move(ref, old, line).then((moved) => {
      this.#moving.delete(ref)
      // A still shorter one may have come meanwhile.
      if (moved) this.consider(ref)
    })
  }

  introduced(by: Line, value: unknown): void {
    const { peer, realm, port } = readIntroduction(value)
    const { routes, remotes } = this.#realm
    if (realm !== peer) this.#leads.set(realm, peer)
    if (port) {
      if (!by.ports) throw new ActorError('protocol', 'a port arrived over a link that cannot carry ports')
      const transport = by.ports.open(port)
      if (routes.lines.has(peer)) transport.close()
      else void this.#meet(transport, peer)
    }
    for (const ref of refsIn(remotes)) if (ref.address.realm === realm) this.consider(ref)
  }

  answer(line: Line, verb: string, args: readonly unknown[]): unknown {
    const { exports } = (line as Link).references
    if (verb === 'flow') {
      const entry = exports.at(args[0] as number)
      if (entry?.kind !== 'actor') return undefined
      return this.#leave(line, entry, args[1] as string | undefined, args[2])
    }
    const [owner, id] = args
    if (typeof owner !== 'string' || typeof id !== 'string')
      throw new ActorError('malformed', 'a realm and an id are strings')
    const key = `${owner}/${id}`
    const { id: own, actors, remotes, routes } = this.#realm
    const remote = remotes.get(key)
    const target = owner === own ? actors.get(id) : remote
    // Nor is there one that is reached over the peer itself.
    if (!target || linkRouteOf(target)?.carrier === line)
      throw new ActorError('not-found', `there is no actor ${key.slice(0, 300)}`)
    if (remote) routes.passed(remote, line)
    const index = exports.add({ kind: 'actor', target })
    const entry = exports.at(index) as Gated
    entry.gate ??= new Gate(target)
    entry.gate.enter()
    return index
  }

  /** One who is not who he was said to be is none of ours. */
  async #meet(transport: Transport, peer: string): Promise<void> {
    try {
      const link = await this.#realm.meet?.(transport)
      if (link?.peer !== peer) link?.close(new ActorError('protocol', 'the peer is not the one that was introduced'))
    } catch {
      // We go on as before, through the realm between.
    }
  }

  /** False if it stays with the route that it has. */
  async #move(ref: RemoteRef, old: LinkRoute, line: Line): Promise<boolean> {
    const { realm, id } = ref.address
    try {
      const index = await line.request('route', [realm, id], Infinity)
      if (typeof index !== 'number') return false
      line.took(index, ref)
      const isMoved = ref.route === old
      if (isMoved) ref.route = new LinkRoute(line, index, old)
      // Behind all that was sent before. Also where the old way ended meanwhile and the reference goes elsewhere: the
      // gate is open to others only when each that entered it has left it.
      const fence = requestOf(ref.home, 'fence', [undefined], LONGEST)
      old.control(fence)
      const hasArrived = await fence.promise.then(
        () => true,
        () => false,
      )
      await line.request('flow', hasArrived ? [index] : [index, old.carrier.peer, ref.key], Infinity)
      return isMoved
    } catch {
      return false
    }
  }

  /** One that entered the gate leaves it. */
  async #leave(line: Line, entry: Gated, broken: string | undefined, key: unknown): Promise<void> {
    if (broken !== undefined) await this.#drained(line, broken, key)
    if (entry.gate?.leave()) entry.gate = undefined
  }

  /** The old way broke: the realm `broken`, which was next on it, may have passed messages on that are still to arrive. */
  async #drained(line: Line, broken: string, key: unknown): Promise<void> {
    const { lines } = this.#realm.routes
    const next = lines.get(broken)
    const asked = next ? [next] : Array.from(lines.values()).filter((other) => other !== line)
    await Promise.all(asked.map((other) => other.request('drain', [broken, line.peer, key], TIMEOUT).catch(() => {})))
  }
}

/** Lets a realm open direct links to realms that it meets over links with ports. */
export const takeShortcuts = (realm: Realm): object => (realm.routes.shortcuts ??= new Shortcuts(realm))

function* refsIn({ actors }: Remotes): Iterable<RemoteRef> {
  for (const weak of actors.values()) {
    const ref = weak.deref()
    if (ref) yield ref
  }
}

function readIntroduction(value: unknown): Introduction {
  const { peer, realm, port } = Object(value) as Introduction
  if (typeof peer === 'string' && typeof realm === 'string' && (port === undefined || Object(port) === port))
    return { peer, realm, port }
  throw new ActorError('malformed', 'the peer sent an invalid introduction')
}
