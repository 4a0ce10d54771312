import { ActorError } from '../ground/errors.js'
import { windowOf } from '../ground/limits.js'
import { Rate } from '../ground/rate.js'
import { textOf } from '../ground/text.js'
import type { Grant } from '../link/session/handshake.js'
import { movableOf, type Offered, type Offering, type Spawner } from '../realm/hosting.js'
import type { Realm } from '../realm/realm.js'
import type { Origin } from '../supervision/origin.js'
import type { ActorClass, AnySpawnOptions } from '../supervision/spawn-options.js'
import type { Cell } from './cell.js'
import { adopt, spawn } from './spawn.js'

/** What a peer takes up that asked for an actor. */
interface Place {
  /** Bytes of the request, whose arguments are kept for restarts. */
  readonly size: number
  cell?: Cell
}

/** Those that count together. */
class Places extends Set<Place> {
  /** Bytes of all of them. */
  bytes = 0
  /** How fast the peer of a link spawns, where that is limited. */
  rate: Rate | undefined

  override add(place: Place): this {
    this.bytes += place.size
    return super.add(place)
  }

  override delete(place: Place): boolean {
    const isHere = super.delete(place)
    if (isHere) this.bytes -= place.size
    return isHere
  }
}

/** So many times the limit `window` the arguments of a peer's actors may be. */
const ARGS = 4

/** The classes that peers may spawn, within what each was granted. */
export class Offer implements Offered {
  readonly #realm: Realm
  readonly #offering: Offering
  readonly #classes = new Map<string, ActorClass>()
  /** Those of each link, and of each user whose links may be many. */
  readonly #spawned = new WeakMap<Spawner, Places>()
  readonly #users = new Map<unknown, Places>()
  /** Those whose link has ended, and that something here still holds. */
  readonly #orphans = new Set<Cell>()
  /** Those with a name of peers that are not trusted: they may outlive the link. */
  readonly #named = new Places()

  constructor(realm: Realm, offering: Offering) {
    this.#realm = realm
    this.#offering = offering
  }

  /**
   * Objects among the actors run from now on. Rejects with `malformed`, and with `name-taken` where another actor has the name
   * of one.
   */
  static async open(realm: Realm, offering: Offering): Promise<Offer> {
    const offer = new Offer(realm, offering)
    const actors = Object.entries(offering.actors!)
    for (const [key, actor] of actors) {
      if (Object(actor) === actor) continue
      const text = `'actors' has ${actor === null ? 'null' : typeof actor} as '${key}'; do its modules import each other?`
      throw new ActorError('malformed', text)
    }
    for (const [key, actor] of actors) {
      movableOf(actor)?.(realm)
      const known = realm.names.get(key) as Partial<Cell> | undefined
      if (typeof actor === 'function') offer.#classes.set(key, actor as ActorClass)
      else if (known?.instance !== actor) await adopt(realm, actor, key)
    }
    return offer
  }

  keys({ actors }: Grant): string[] {
    return [...this.#classes.keys()].filter((key) => actors?.includes(key) ?? true)
  }

  async spawn(link: Spawner, key: unknown, options: unknown, start?: Origin['start']): Promise<Cell> {
    const keys = this.keys(link.grant)
    const actor = keys.includes(key as string) ? this.#classes.get(key as string) : undefined
    if (!actor) {
      const text = `no actor '${textOf(key)}' is offered; offered: ${keys.join(', ') || 'none'}`
      throw new ActorError('not-found', text)
    }
    const wanted = readOptions(options, link.trusted)
    if (wanted.name !== undefined && !this.#mayName(link, wanted.name))
      throw new ActorError('unauthorized', `the peer was not granted the name '${textOf(wanted.name)}'`)
    const request = this.#realm.current
    const { size = 0 } = (request ?? {}) as { readonly size?: number }
    const { place, free } = this.#admit(link, wanted.name !== undefined, size)
    try {
      const origin = { kind: key as string, spawner: link, isLent: true, start }
      const cell = (place.cell = await spawn(this.#realm, actor, wanted, origin))
      cell.watch(free)
      link.tellEnd(cell)
      // Nobody is there to hold it.
      if (!link.open || request?.gaveUp)
        void cell.life.stop({ mode: 'now', reason: 'the peer that spawned it is gone, or gave up' })
      return cell
    } catch (error) {
      free()
      throw error
    }
  }

  /** Any name where the peer is trusted, or may control all, or where nobody decides. */
  #mayName({ trusted, grant }: Spawner, name: string): boolean {
    const { names: offered, authorize } = this.#offering
    const names = grant.names ?? offered
    return trusted || grant.control === true || (names?.includes(name) ?? !authorize)
  }

  /** Counts from the asking, so that many at once are no more than one after the other. Throws `quota`. */
  #admit(link: Spawner, isNamed: boolean, size: number): { readonly place: Place; readonly free: () => void } {
    const { trusted, grant } = link
    const { user } = grant
    const limits = this.#realm.limits[trusted ? 'trusted' : 'untrusted']
    const { actors: most, spawnRate } = limits
    const ofLink = this.#of(link)
    if (spawnRate !== Infinity) {
      const now = this.#realm.env.now()
      const rate = (ofLink.rate ??= new Rate(spawnRate, now))
      if (rate.isOver(now))
        throw new ActorError('quota', `the peer spawns more than the limit 'spawnRate' of ${spawnRate} actors a second`)
      rate.take(1)
    }
    const isKnown = !trusted && (typeof user === 'string' || typeof user === 'number')
    const ofUser = isKnown ? (this.#users.get(user) ?? new Places()) : undefined
    // Those of a user are those of all its links.
    const counted = ofUser ?? ofLink
    const named = !trusted && isNamed ? this.#named : undefined
    if (counted.size >= most)
      throw new ActorError(
        'quota',
        `${ofUser ? 'the user has' : 'the peer has'} ${most} actors here, as many as the limit 'actors' allows`,
      )
    if (named && named.size >= most)
      throw new ActorError('quota', `peers have ${most} actors with names here, as many as the limit 'actors' allows`)
    if (!trusted && counted.bytes + size > ARGS * windowOf(limits))
      throw new ActorError('quota', `arguments of the peer's actors are over ${ARGS} times the limit 'window'`)
    if (ofUser) this.#users.set(user, ofUser)
    const place: Place = { size }
    const sets = [ofLink, ofUser, named]
    for (const set of sets) set?.add(place)
    const free = (): void => {
      for (const set of sets) set?.delete(place)
      if (ofUser?.size === 0) this.#users.delete(user)
    }
    return { place, free }
  }

  /** Its peer is gone for good. An actor may hold itself, or others of that peer: no more stay than one peer may have. */
  #orphan({ cell }: Place): void {
    const keepAlive = cell?.life.keepAlive
    if (!cell || !keepAlive) return
    keepAlive.orphan()
    this.#orphans.add(cell)
    cell.watch(() => this.#orphans.delete(cell))
    if (this.#orphans.size <= this.#realm.limits.untrusted.actors) return
    const [oldest] = this.#orphans
    this.#orphans.delete(oldest!)
    void oldest!.life.stop({ mode: 'now', reason: 'too many actors are left of peers that are gone' })
  }

  /** What the peer of a link has. When the link of one ends that is not trusted, no other way leads to the actors. */
  #of(link: Spawner): Places {
    const known = this.#spawned.get(link)
    if (known) return known
    const spawned = new Places()
    this.#spawned.set(link, spawned)
    if (!link.trusted)
      void link.closed.then(() => {
        for (const place of spawned) this.#orphan(place)
      })
    return spawned
  }
}

/** What a trusted peer may say of an actor that it spawns. An untrusted one gives `args`, and a name. */
const OPTIONS = [
  'id',
  'name',
  'group',
  'args',
  'restart',
  'decide',
  'strategy',
  'retries',
  'mailbox',
  'isMoved',
  'pooled',
] as const satisfies (keyof AnySpawnOptions)[]

function readOptions(value: unknown, isTrusted: boolean): AnySpawnOptions {
  const given = Object(value) as Record<string, unknown>
  if (given['args'] !== undefined && !Array.isArray(given['args']))
    throw new ActorError('malformed', "'args' must be an array")
  const keys = OPTIONS.filter((key) => given[key] !== undefined)
  const refused = isTrusted ? undefined : keys.find((key) => key !== 'args' && key !== 'name')
  if (refused) throw new ActorError('unauthorized', `an untrusted peer may not give '${refused}' to spawn`)
  return Object.fromEntries(keys.map((key) => [key, given[key]]))
}
