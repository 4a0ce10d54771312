import { ActorError } from '../ground/errors.js'
import type { Authorize, Grant } from '../link/session/handshake.js'
import type { Link } from '../link/link.js'
import type { Ref, Verb } from '../message/ref.js'
import type { StopOptions } from '../message/stop-options.js'
import { type Hosts, hostsOf, type Offered } from '../realm/hosting.js'
import type { Realm } from '../realm/realm.js'
import { RemoteRef } from '../remote/remote-ref.js'
import type { LinkOffer } from './link-offer.js'

/** Answers the system requests of peers, within what they were offered and granted. */
export class Desk {
  readonly authorize: Authorize | undefined
  readonly #realm: Realm
  readonly #names: readonly string[] | undefined
  readonly #functions: LinkOffer['functions']
  readonly #offered: Offered | undefined

  constructor(realm: Realm, { names, authorize, functions }: LinkOffer = {}, offered?: Offered) {
    this.authorize = authorize
    this.#realm = realm
    this.#names = names
    this.#functions = functions
    this.#offered = offered
  }

  /** A desk for what is offered. What hosts its actors is `hosts`, or comes with one of them. Rejects with `malformed`. */
  static async open(realm: Realm, offer: LinkOffer, hosts?: Hosts): Promise<Desk> {
    const actors = Object.values(offer.actors ?? {})
    if (actors.length === 0) return new Desk(realm, offer)
    const hosting = (hosts ?? actors.map(hostsOf).find(Boolean))?.(realm) ?? realm.hosting
    if (!hosting) throw new ActorError('malformed', "'actors' are classes that extend Actor, or actor(Class) of others")
    return new Desk(realm, offer, await hosting.offer(offer.actors!))
  }

  keys(grant: Grant): string[] {
    return this.#offered?.keys(grant) ?? []
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
      case 'flow':
        if (!link.trusted) throw new ActorError('unauthorized', 'only trusted peers choose their routes')
        return this.#realm.routes.shortcuts?.answer(link, verb, args)
      case 'run':
        return this.#run(args)
      case 'about':
        return this.#about(link)
      case 'watch':
        return link.tellEnd(this.#target(link, args[0]))
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

  #spawn(link: Link, key: unknown, options: unknown): Promise<Ref> {
    if (!this.#offered) throw new ActorError('not-found', `no actor '${String(key).slice(0, 64)}' is offered`)
    return this.#offered.spawn(link, key, options)
  }

  async #lookup(link: Link, [sought, owner, hops]: readonly unknown[]): Promise<object | undefined> {
    if (typeof sought !== 'string') throw new ActorError('malformed', 'a name is a string')
    const { directory, names } = this.#realm
    if (link.trusted) {
      const steps = typeof hops === 'number' ? hops : 0
      return directory.answer(link, sought, typeof owner === 'string' ? owner : undefined, steps)
    }
    if (this.#granted(link)?.includes(sought)) return directory.find(sought)
    return this.#namesFor(link).includes(sought) ? names.get(sought) : undefined
  }

  /** What an untrusted peer finds: what it was granted by name; else this realm's own actors, and no others. */
  #namesFor(link: Link): readonly string[] {
    const { names, directory } = this.#realm
    const granted = this.#granted(link)
    if (granted) return granted.filter((name) => names.has(name) || directory.knows(name))
    return names.all().filter((name) => !(names.get(name) instanceof RemoteRef))
  }

  #granted(link: Link): readonly string[] | undefined {
    return link.grant.names ?? this.#names
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

  #control(link: Link, verb: Verb, index: unknown, options: unknown): Promise<unknown> {
    const target = this.#target(link, index)
    if (verb !== 'ping' && link.grant.control !== true && !target.isSpawnedBy(link)) {
      throw new ActorError('unauthorized', `the peer may not ${verb} ${target.address.path}: it did not spawn it`)
    }
    return target.control(verb, readStop(options))
  }

  /** The actor that was handed out at that place. */
  #target(link: Link, index: unknown): Ref {
    const exported = typeof index === 'number' ? link.references.exports.at(index) : undefined
    if (exported?.kind !== 'actor') throw new ActorError('not-found', 'the reference was not handed out over this link')
    return exported.target
  }
}

function readStop(value: unknown): StopOptions {
  const { mode, reason, timeout } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >
  return {
    ...(mode === 'now' || mode === 'kill' || mode === 'drain' ? { mode } : {}),
    ...(typeof timeout === 'number' ? { timeout } : {}),
    ...(reason === undefined ? {} : { reason }),
  }
}
