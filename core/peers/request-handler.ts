import { ActorError, thrownBy } from '../ground/errors.js'
import { areTexts, textOf } from '../ground/text.js'
import { isPublic } from '../directory/names.js'
import type { Grant } from '../link/session/handshake.js'
import { PROVE, type SharedKey } from '../link/session/shared-key.js'
import type { Link } from '../link/link.js'
import type { Exported } from '../link/references/exports.js'
import type { Ref, Verb } from '../message/ref.js'
import { control } from '../message/request.js'
import { type Hosts, hostsOf, type Offered } from '../realm/hosting.js'
import type { Requests } from '../realm/moving.js'
import type { Realm } from '../realm/realm.js'
import { RemoteRef } from '../remote/remote-ref.js'
import type { Origin } from '../supervision/origin.js'
import type { HostOffer, LinkOffer } from './link-offer.js'

/** Answers the system requests of peers, within what they were offered and granted. */
export class RequestHandler implements Requests {
  readonly #realm: Realm
  readonly offer: HostOffer
  /** The actors among it. */
  readonly #offered: Offered | undefined

  constructor(realm: Realm, offer: LinkOffer = {}, offered?: Offered) {
    this.#realm = realm
    this.offer = offer
    this.#offered = offered
  }

  /** A handler for what is offered. What hosts its actors is `hosts`, or comes with one of them. Rejects with `malformed`. */
  static async open(realm: Realm, offer: LinkOffer, hosts?: Hosts): Promise<RequestHandler> {
    if (typeof offer !== 'object' || offer === null) throw new ActorError('malformed', 'the options must be an object')
    const { names, authorize = isFunction, functions, version = '', compatible = isFunction, key } = offer
    for (const [name, value] of Object.entries(functions ?? {}))
      if (!isFunction(value))
        throw new ActorError('malformed', `'functions' has none as '${name}'; do its modules import each other?`)
    const areRight = areTexts(names) && isFunction(authorize) && typeof version === 'string' && isFunction(compatible)
    if (!areRight || (key !== undefined && !isFunction((Object(key) as SharedKey)[PROVE])))
      throw new ActorError(
        'malformed',
        "'names' must be a list of names, 'version' a string, 'key' what sharedKey() returns, 'authorize' and 'compatible' functions",
      )
    const actors: unknown[] = Object.values(offer.actors ?? {})
    if (actors.length === 0) return new RequestHandler(realm, offer)
    const hosting = (hosts ?? actors.map(hostsOf).find(Boolean))?.(realm) ?? realm.hosting
    if (!hosting)
      throw new ActorError('malformed', "'actors' must be classes that extend Actor, or actor(Class) of others")
    return new RequestHandler(realm, offer, await hosting.offer(offer))
  }

  /** Throws `version` if the application of the peer has another one, and tells of it. */
  checkVersion(peer: string, theirs: string | undefined): void {
    const { version: ours, compatible } = this.offer
    if (theirs === undefined || ours === undefined || theirs === ours || compatible?.(theirs, ours) === true) return
    this.#realm.events.emit('version', { peer, theirs, ours })
    throw new ActorError(
      'version',
      `the peer has version ${textOf(theirs)} of the application, this side ${textOf(ours)}`,
    )
  }

  keys(grant: Grant): string[] {
    return this.#offered?.keys(grant) ?? []
  }

  /** Throws or rejects with `not-found` for what is not offered and `unauthorized` for what is not granted. */
  answer(link: Link, verb: string, args: readonly unknown[]): unknown {
    const [first, second] = args
    switch (verb) {
      case 'spawn':
        return this.spawn(link, first, second)
      case 'lookup':
        return this.#lookup(link, args)
      case 'names':
        return link.trusted ? this.#realm.directory.names() : this.#namesFor(link)
      case 'members':
        return this.#realm.groups?.answer(first, this.#granted(link))
      case 'fence':
        return this.#fence(link, first, second)
      case 'drain':
      case 'route':
      case 'flow':
        if (!link.trusted) throw new ActorError('unauthorized', 'only trusted peers may change a route')
        if (verb === 'drain') return this.#drain(args)
        return this.#realm.routes.shortcuts?.answer(link, verb, args)
      case 'run':
        return this.#run(args)
      case 'about':
        if (link.grant.control !== true)
          throw new ActorError('unauthorized', 'the peer may not call info() of this dispatcher')
        return this.#realm.dispatcher.info()
      case 'end':
        return this.#end(link, first)
      case 'watch':
        return link.tellEnd(this.target(link, first))
      case 'ping':
      case 'stop':
      case 'kill':
      case 'info':
      case 'suspend':
      case 'resume':
        return this.#control(link, verb, first, second)
      default: {
        const { moving } = this.#realm
        if (moving) return moving.answer(this, link, verb, args)
        throw new ActorError('not-found', `there is no request '${verb.slice(0, 64)}'`)
      }
    }
  }

  spawn(link: Link, key: unknown, options: unknown, start?: Origin['start']): Promise<Ref> {
    if (!this.#offered) throw notOffered(key)
    return this.#offered.spawn(link, key, options, start)
  }

  target(link: Link, index: unknown): Ref {
    return this.#exported(link, index).target
  }

  async #lookup(link: Link, [query, owner, hops]: readonly unknown[]): Promise<object | undefined> {
    if (typeof query !== 'string') throw new ActorError('malformed', 'a name must be a string')
    const { directory } = this.#realm
    if (link.trusted) return directory.answer(link, query, owner, hops)
    return (this.#granted(link)?.includes(query) ?? this.#isOwn(query)) ? directory.find(query) : undefined
  }

  /** What an untrusted peer finds: what it was granted by name; else this realm's own actors, and no others. */
  #namesFor(link: Link): readonly string[] {
    const { names, directory } = this.#realm
    return (
      this.#granted(link)?.filter((name) => names.get(name) !== undefined || directory.knows(name)) ??
      names.all().filter((name) => this.#isOwn(name))
    )
  }

  #granted(link: Link): readonly string[] | undefined {
    return link.grant.names ?? this.offer.names
  }

  #isOwn(name: string): boolean {
    const ref = this.#realm.names.get(name)
    return isPublic(name) && ref !== undefined && !(ref instanceof RemoteRef)
  }

  /** The link stays open until the peer closes it: what runs here may still need it. */
  #end(link: Link, options: unknown): unknown {
    const { ends } = this.offer
    if (!ends) throw new ActorError('unauthorized', 'the peer may not end this realm')
    link.parting = new ActorError('stopped', 'the peer ends this realm')
    return ends(options)
  }

  /** A function that was offered by name: no code crosses a link. */
  async #run([name, ...args]: readonly unknown[]): Promise<unknown> {
    const { functions = {} } = this.offer
    const fn = typeof name === 'string' && Object.hasOwn(functions, name) ? functions[name] : undefined
    if (!fn) throw notOffered(name)
    if (args.length < fn.length) {
      throw new ActorError(
        'malformed',
        `${textOf(name)}() was called with ${args.length} arguments, and needs ${fn.length}`,
      )
    }
    try {
      return await (Reflect.apply(fn, undefined, args) as unknown)
    } catch (error) {
      throw thrownBy(error)
    }
  }

  #control(link: Link, verb: Verb, index: unknown, options: unknown): Promise<unknown> {
    const target = this.target(link, index)
    if (verb !== 'ping' && link.grant.control !== true && !target.isSpawnedBy?.(link)) {
      throw new ActorError(
        'unauthorized',
        `the peer may not call ${verb}() of ${target.address.path}: it did not spawn it`,
      )
    }
    // The peer bounds it.
    return control(target, verb, options, Infinity)
  }

  /** Goes on, behind what is held, to where the actor is: what was sent before it has arrived there then. */
  async #fence(link: Link, index: unknown, mark: unknown): Promise<void> {
    const { gate, target } = this.#exported(link, index)
    await gate?.opened
    if (target.isElsewhere) await control(target, 'fence', mark, Infinity)
  }

  /** Resolves once all has arrived that the realm `via` took of `from`, whose link with it broke, for an actor. */
  async #drain(args: readonly unknown[]): Promise<unknown> {
    const { id, routes, remotes } = this.#realm
    const [via, from, key] = args as string[]
    if (via !== id) return routes.lines.get(via!)?.request('drain', args)
    await routes.lines.get(from!)?.closed
    const ref = remotes.get(key!)
    return ref && control(ref, 'fence', undefined, Infinity)
  }

  #exported(link: Link, index: unknown): Extract<Exported, { kind: 'actor' }> {
    const exported = link.references.exports.at(index as number)
    if (exported?.kind !== 'actor') throw new ActorError('not-found', 'the reference was not sent over this link')
    return exported
  }
}

const notOffered = (name: unknown): ActorError => new ActorError('not-found', `'${textOf(name)}' is not offered`)

const isFunction = (value: unknown): boolean => typeof value === 'function'
