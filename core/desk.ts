import { Cell } from './cell.js'
import type { StopOptions } from './stop-options.js'
import { ActorError } from './errors.js'
import type { Grant } from './link/handshake.js'
import type { Link } from './link/link.js'
import { borrow } from './proxy.js'
import type { Realm } from './realm.js'
import type { Ref, Verb } from './ref.js'
import type { ActorClass, AnySpawnOptions } from './spawn-options.js'

/** Answers the system requests of peers, within what they were offered and granted. */
export class Desk {
  readonly #realm: Realm
  readonly #names: readonly string[] | undefined
  readonly #classes = new Map<string, ActorClass>()
  readonly #spawned = new WeakMap<Link, Set<object>>()

  constructor(realm: Realm, names: readonly string[] | undefined) {
    this.#realm = realm
    this.#names = names
  }

  offer(key: string, actor: ActorClass): void {
    this.#classes.set(key, actor)
  }

  keys(grant: Grant): string[] {
    return [...this.#classes.keys()].filter((key) => grant.actors?.includes(key) ?? true)
  }

  /** Throws or rejects with `not-found` for what is not offered and `unauthorized` for what is not granted. */
  answer(link: Link, verb: string, args: readonly unknown[]): unknown {
    switch (verb) {
      case 'spawn':
        return this.#spawn(link, args[0], args[1])
      case 'lookup':
        return this.#lookup(link, args[0])
      case 'names':
        return [...this.#realm.names.keys()].filter((name) => this.#findable(link, name))
      case 'ping':
      case 'stop':
      case 'kill':
        return this.#control(link, verb, args[0], args[1])
      default:
        throw new ActorError('not-found', `there is no request '${verb.slice(0, 64)}'`)
    }
  }

  async #spawn(link: Link, key: unknown, options: unknown): Promise<object> {
    const actor = typeof key === 'string' && this.keys(link.grant).includes(key) ? this.#classes.get(key) : undefined
    if (!actor) {
      throw new ActorError(
        'not-found',
        `no actor '${String(key).slice(0, 64)}' is offered; offered: ${this.keys(link.grant).join(', ')}`,
      )
    }
    const spawned = this.#spawned.get(link) ?? new Set()
    this.#spawned.set(link, spawned)
    const most = this.#realm.limits[link.trusted ? 'trusted' : 'untrusted'].actors
    if (spawned.size >= most) throw new ActorError('quota', `the peer has spawned ${most} actors, its limit 'actors'`)
    // Counted from the asking, so that many at once are no more than one after the other.
    const place = {}
    spawned.add(place)
    const free = (): void => void spawned.delete(place)
    try {
      const cell = await Cell.spawn(this.#realm, actor, readOptions(options), { kind: key as string, spawner: link })
      cell.onEnd(free)
      return borrow(cell)
    } catch (error) {
      free()
      throw error
    }
  }

  #lookup(link: Link, name: unknown): object | undefined {
    if (typeof name !== 'string') throw new ActorError('malformed', 'a name is a string')
    if (!link.trusted && !this.#findable(link, name)) return undefined
    const found = link.trusted ? this.#realm.find(name) : this.#realm.names.get(name)
    return found && borrow(found)
  }

  /** An untrusted peer finds this realm's own actors only, and of those the ones it was granted. */
  #findable(link: Link, name: string): boolean {
    const found = this.#realm.names.get(name)
    if (!found) return false
    if (link.trusted) return true
    const granted = link.grant.names ?? this.#names
    return found instanceof Cell && (granted?.includes(name) ?? true)
  }

  #control(link: Link, verb: Verb, index: unknown, options: unknown): Promise<unknown> {
    const exported = typeof index === 'number' ? link.references.at(index) : undefined
    if (exported?.kind !== 'actor') throw new ActorError('not-found', 'the reference was not handed out over this link')
    const { target } = exported
    if (verb !== 'ping' && !this.#mayControl(link, target)) {
      throw new ActorError('unauthorized', `the peer may not ${verb} ${target.address.path}: it did not spawn it`)
    }
    return target.control(verb, readStop(options))
  }

  #mayControl(link: Link, target: Ref): boolean {
    return link.grant.control === true || (target instanceof Cell && target.spawner === link)
  }
}

function readOptions(value: unknown): AnySpawnOptions {
  const { id, name, args } = isRecord(value) ? value : {}
  if (args !== undefined && !Array.isArray(args)) throw new ActorError('malformed', 'args is no array')
  return {
    ...(id === undefined ? {} : { id: id as string }),
    ...(name === undefined ? {} : { name: name as string }),
    ...(args === undefined ? {} : { args: args as unknown[] }),
  }
}

function readStop(value: unknown): StopOptions {
  const { mode, reason, timeout } = isRecord(value) ? value : {}
  return {
    ...(mode === 'now' || mode === 'kill' || mode === 'drain' ? { mode } : {}),
    ...(typeof timeout === 'number' ? { timeout } : {}),
    ...(reason === undefined ? {} : { reason }),
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
