import { ActorError } from '../ground/errors.js'
import { textOf } from '../ground/text.js'
import type { Grant } from '../link/session/handshake.js'
import type { Actors, Offered, Spawner } from '../realm/hosting.js'
import type { Realm } from '../realm/realm.js'
import type { ActorClass, AnySpawnOptions } from '../supervision/spawn-options.js'
import type { Cell } from './cell.js'
import { adopt, spawn } from './spawn.js'

/** The classes that peers may spawn, within what each was granted. */
export class Offer implements Offered {
  readonly #realm: Realm
  readonly #classes = new Map<string, ActorClass>()
  readonly #spawned = new WeakMap<Spawner, Set<object>>()
  /** Those with a name of peers that are not trusted: they may outlive the link. */
  readonly #named = new Set<object>()

  constructor(realm: Realm) {
    this.#realm = realm
  }

  /** Objects among `actors` run from now on. Rejects with `name-taken` where another actor has the name of one. */
  static async open(realm: Realm, actors: Actors): Promise<Offer> {
    const offer = new Offer(realm)
    for (const [key, actor] of Object.entries(actors)) {
      const known = realm.names.get(key) as Partial<Cell> | undefined
      if (typeof actor === 'function') offer.#classes.set(key, actor as ActorClass)
      else if (known?.instance !== actor) await adopt(realm, actor, { name: key }, key)
    }
    return offer
  }

  keys({ actors }: Grant): string[] {
    return [...this.#classes.keys()].filter((key) => actors?.includes(key) ?? true)
  }

  async spawn(link: Spawner, key: unknown, options: unknown, names?: readonly string[]): Promise<Cell> {
    const keys = this.keys(link.grant)
    const actor = typeof key === 'string' && keys.includes(key) ? this.#classes.get(key) : undefined
    if (!actor) {
      const text = `no actor '${textOf(key)}' is offered; offered: ${keys.join(', ') || 'none'}`
      throw new ActorError('not-found', text)
    }
    const wanted = link.trusted ? readOptions(options, OPTIONS) : readOptions(options, ['args', 'name'])
    if (wanted.name !== undefined && names?.includes(wanted.name) === false)
      throw new ActorError('unauthorized', `the peer was not granted the name '${textOf(wanted.name)}'`)
    const request = this.#realm.current
    const spawned = this.#spawned.get(link) ?? new Set()
    this.#spawned.set(link, spawned)
    const most = this.#realm.limits[link.trusted ? 'trusted' : 'untrusted'].actors
    if (spawned.size >= most)
      throw new ActorError('quota', `the peer has ${most} actors here, as many as the limit 'actors' allows`)
    const lasts = !link.trusted && wanted.name !== undefined
    if (lasts && this.#named.size >= most)
      throw new ActorError('quota', `peers have ${most} actors with names here, as many as the limit 'actors' allows`)
    // Counted from the asking, so that many at once are no more than one after the other.
    const place = {}
    spawned.add(place)
    if (lasts) this.#named.add(place)
    const free = (): void => {
      spawned.delete(place)
      this.#named.delete(place)
    }
    try {
      const origin = { kind: key as string, spawner: link, isLent: true }
      const cell = await spawn(this.#realm, actor, wanted, origin)
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

function readOptions(value: unknown, allowed: readonly string[]): AnySpawnOptions {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (given['args'] !== undefined && !Array.isArray(given['args']))
    throw new ActorError('malformed', "'args' must be an array")
  const keys = OPTIONS.filter((key) => given[key] !== undefined)
  const refused = keys.find((key) => !allowed.includes(key))
  if (refused) throw new ActorError('unauthorized', `an untrusted peer may not give '${refused}' to spawn`)
  return Object.fromEntries(keys.map((key) => [key, given[key]]))
}
