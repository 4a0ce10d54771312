import { Cell } from '../actor/cell.js'
import { ActorError } from '../ground/errors.js'
import type { Authorize, Grant } from '../link/session/handshake.js'
import type { Link } from '../link/link.js'
import type { LinkOffer } from './link-offer.js'
import type { Realm } from '../realm/realm.js'
import type { Ref, Verb } from '../message/ref.js'
import { adopt } from '../actor/spawn.js'
import type { ActorClass, AnySpawnOptions } from '../supervision/spawn-options.js'
import type { StopOptions } from '../message/stop-options.js'

/** Answers the system requests of peers, within what they were offered and granted. */
export class Desk {
  readonly authorize: Authorize | undefined
  readonly #realm: Realm
  readonly #names: readonly string[] | undefined
  readonly #functions: LinkOffer['functions']
  readonly #classes = new Map<string, ActorClass>()
  readonly #spawned = new WeakMap<Link, Set<object>>()

  constructor(realm: Realm, { names, authorize, functions }: LinkOffer = {}) {
    this.authorize = authorize
    this.#realm = realm
    this.#names = names
    this.#functions = functions
  }

  /** A desk for what is offered; objects in it run from now on. */
  static async open(realm: Realm, offer: LinkOffer): Promise<Desk> {
    const desk = new Desk(realm, offer)
    for (const [key, actor] of Object.entries(offer.actors ?? {})) {
      if (typeof actor === 'function') desk.#classes.set(key, actor as ActorClass)
      else if (!realm.names.has(key)) await adopt(realm, actor, { name: key }, key)
    }
    return desk
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
        return this.#lookup(link, args)
      case 'names':
        return link.trusted ? this.#realm.directory.names() : this.#namesFor(link)
      case 'route':
        return this.#route(link, args)
      case 'flow':
        return link.references.exports.flow(args[0] as number)
      case 'run':
        return this.#run(args)
      case 'about':
        return this.#about(link)
      case 'watch':
        return this.#watch(link, args[0])
      case 'ping':
      case 'stop':
      case 'kill':
      case 'info':
      case 'suspend':
      case 'resume':
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
      const cell = await this.#realm.spawn(actor, readOptions(options), {
        kind: key as string,
        spawner: link,
        isLent: true,
      })
      cell.watch(free)
      link.tellEnd(cell)
      // Nobody is there to hold it.
      if (!link.open) void cell.life.stop({ mode: 'now', reason: 'the peer that spawned it is gone' })
      return cell
    } catch (error) {
      free()
      throw error
    }
  }

  async #lookup(link: Link, [sought, owner, hops]: readonly unknown[]): Promise<object | undefined> {
    if (typeof sought !== 'string') throw new ActorError('malformed', 'a name is a string')
    const { directory, names } = this.#realm
    let found: Ref | undefined
    if (link.trusted) {
      const steps = typeof hops === 'number' ? hops : 0
      found = await directory.answer(link, sought, typeof owner === 'string' ? owner : undefined, steps)
    } else if (this.#granted(link)?.includes(sought)) found = await directory.find(sought)
    else if (this.#namesFor(link).includes(sought)) found = names.get(sought)
    return found
  }

  /** What an untrusted peer finds: what it was granted by name; else this realm's own actors, and no others. */
  #namesFor(link: Link): readonly string[] {
    const { names, directory } = this.#realm
    const granted = this.#granted(link)
    if (granted) return granted.filter((name) => names.has(name) || directory.knows(name))
    return names.all().filter((name) => names.get(name) instanceof Cell)
  }

  #granted(link: Link): readonly string[] | undefined {
    return link.grant.names ?? this.#names
  }

  /** A trusted peer has a shorter way to an actor than the one by which it got it. */
  #route(link: Link, [realm, id]: readonly unknown[]): number {
    if (!link.trusted) throw new ActorError('unauthorized', 'only trusted peers choose their routes')
    const key = `${String(realm)}/${String(id)}`
    const remote = this.#realm.remotes.get(key)
    const found = realm === this.#realm.id ? this.#realm.actors.get(String(id)) : remote
    if (!found) throw new ActorError('not-found', `there is no actor ${key.slice(0, 300)}`)
    if (remote) this.#realm.routes.passed(remote, link)
    return link.references.exports.gate(found)
  }

  /** A function that was offered by name: no code crosses a link. */
  #run([name, ...args]: readonly unknown[]): unknown {
    const functions = this.#functions ?? {}
    const fn = typeof name === 'string' && Object.hasOwn(functions, name) ? functions[name] : undefined
    if (!fn) throw new ActorError('not-found', `no function '${String(name).slice(0, 64)}' is offered`)
    if (args.length < fn.length) {
      throw new ActorError('malformed', `${String(name)} takes ${fn.length} arguments, not ${args.length}`)
    }
    return Reflect.apply(fn, undefined, args)
  }

  #about(link: Link): unknown {
    if (link.grant.control !== true) throw new ActorError('unauthorized', 'the peer may not look into this dispatcher')
    return this.#realm.dispatcher.info()
  }

  #watch(link: Link, index: unknown): void {
    const exported = typeof index === 'number' ? link.references.exports.at(index) : undefined
    if (exported?.kind !== 'actor') throw new ActorError('not-found', 'the reference was not handed out over this link')
    link.tellEnd(exported.target)
  }

  #control(link: Link, verb: Verb, index: unknown, options: unknown): Promise<unknown> {
    const exported = typeof index === 'number' ? link.references.exports.at(index) : undefined
    if (exported?.kind !== 'actor') throw new ActorError('not-found', 'the reference was not handed out over this link')
    const { target } = exported
    if (verb !== 'ping' && !this.#mayControl(link, target)) {
      throw new ActorError('unauthorized', `the peer may not ${verb} ${target.address.path}: it did not spawn it`)
    }
    return target.control(verb, readStop(options))
  }

  #mayControl(link: Link, target: Ref): boolean {
    return link.grant.control === true || (target instanceof Cell && target.life.spawner === link)
  }
}

function readOptions(value: unknown): AnySpawnOptions {
  const given = isRecord(value) ? value : {}
  if (given['args'] !== undefined && !Array.isArray(given['args']))
    throw new ActorError('malformed', 'args is no array')
  return Object.fromEntries(OPTIONS.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]])))
}

/** What a peer may say of an actor that it spawns. */
const OPTIONS = [
  'id',
  'name',
  'args',
  'restart',
  'decide',
  'strategy',
  'retries',
  'mailbox',
  'isMoved',
] as const satisfies (keyof AnySpawnOptions)[]

function readStop(value: unknown): StopOptions {
  const { mode, reason, timeout } = isRecord(value) ? value : {}
  return {
    ...(mode === 'now' || mode === 'kill' || mode === 'drain' ? { mode } : {}),
    ...(typeof timeout === 'number' ? { timeout } : {}),
    ...(reason === undefined ? {} : { reason }),
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
