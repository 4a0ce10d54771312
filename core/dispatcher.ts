import type {} from './actor/context.js'
import { ASYNC_DISPOSE } from './ground/dispose.js'
import { ActorError } from './ground/errors.js'
import { checkMilliseconds } from './ground/milliseconds.js'
import type { StopOptions } from './message/stop-options.js'
import { type Bus, JOIN, type Joined } from './peers/bus.js'
import { Desk } from './peers/desk.js'
import type { ConnectOptions, LinkOffer } from './peers/link-offer.js'
import { LISTEN, type Listened, type Listener } from './peers/listener.js'
import type { Peer } from './peers/peer.js'
import { Peers } from './peers/peers.js'
import { borrow, own, requireRef } from './proxy/proxy.js'
import type { Proxy } from './proxy/proxy-types.js'
import type { DispatcherInfo } from './realm/dispatcher-info.js'
import { type Actors, type HostedClass, hostsOf } from './realm/hosting.js'
import type { RealmEvents } from './realm/realm-events.js'
import { Realm, type RealmOptions } from './realm/realm.js'
import type { SpawnRest } from './supervision/spawn-options.js'
import type { Connector } from './transport/transport.js'

declare module './actor/context.js' {
  interface Context<A> {
    /** The dispatcher of this realm. */
    readonly dispatcher: Dispatcher
  }
}

export interface LookupOptions {
  /** Milliseconds that a message may wait for the actor if it is not there yet; it is a dead letter after that. */
  readonly ttl?: number
}

/**
 * One per realm: owns the local actors, routes messages, and settles every call.
 *
 * It brings what calls others. What hosts actors, listens or joins a bus comes with what it is given: a class that
 * extends `Actor`, what `webSocketServer(…)` returns, what `broadcastChannel(…)` returns.
 */
export class Dispatcher {
  readonly #realm: Realm
  readonly #peers: Peers
  #closed: Promise<void> | undefined

  constructor(options: RealmOptions = {}) {
    this.#realm = new Realm(options)
    this.#realm.dispatcher = this
    this.#peers = new Peers(this.#realm)
  }

  get id(): string {
    return this.#realm.id
  }

  /**
   * Makes an actor here, of a class that extends `Actor` or of `actor(Class)`. Resolves, after its `onStart`, with the
   * proxy that owns it. Rejects with `malformed`, `id-in-use`, `name-taken`, `quota`, or `start-failed`.
   */
  async spawn<C extends HostedClass>(actor: C, ...[options]: SpawnRest<C>): Promise<Proxy<InstanceType<C>>> {
    this.#peers.checkOpen()
    if (typeof actor !== 'function')
      throw new ActorError('malformed', 'spawn takes a class; a peer spawns by key: peer.spawn(key)')
    const hosts = hostsOf(actor)
    if (!hosts)
      throw new ActorError(
        'malformed',
        `${actor.name} does not extend Actor; spawn(actor(${actor.name})) takes any class`,
      )
    return own(await hosts(this.#realm).spawn(actor, options)) as Proxy<InstanceType<C>>
  }

  /** Links with one peer; one that was given as a factory is started again when it dies. Rejects with `start-failed`, `unreachable`, `unauthorized`, `version`, `handshake-timeout`, … */
  async connect<A = Actors>(connector: Connector, options: ConnectOptions = {}): Promise<Peer<A>> {
    this.#check('connect', connector, 'open', 'webWorker(…)')
    return this.#peers.connect(connector, await Desk.open(this.#realm, options), options) as Promise<Peer<A>>
  }

  /** Lets peers come. */
  async listen(listener: Listener, offer: LinkOffer = {}): Promise<Listened> {
    this.#check('listen', listener, LISTEN, 'webSocketServer(…)')
    return listener[LISTEN](this.#peers, listener, offer)
  }

  /** Links with everybody on a bus, those who come later too. Resolves once those who are there are met. */
  async join(bus: Bus, offer: LinkOffer = {}): Promise<Joined> {
    this.#check('join', bus, JOIN, 'broadcastChannel(…)')
    return bus[JOIN](this.#peers, bus, offer)
  }

  /**
   * The actor of that name, path (`/parent/child`) or id: here first, then at the nearest peer that has it.
   *
   * With a `ttl` there is always a proxy, at once: what is sent to it waits for the actor to come up.
   */
  async lookup<A>(nameOrPathOrId: string): Promise<Proxy<A> | undefined>
  async lookup<A>(nameOrPathOrId: string, options: LookupOptions & { readonly ttl: number }): Promise<Proxy<A>>
  async lookup<A>(nameOrPathOrId: string, options?: LookupOptions): Promise<Proxy<A> | undefined>
  async lookup<A>(nameOrPathOrId: string, { ttl }: LookupOptions = {}): Promise<Proxy<A> | undefined> {
    if (typeof nameOrPathOrId !== 'string')
      throw new ActorError('malformed', `lookup takes a name, a path or an id, not ${typeof nameOrPathOrId}`)
    const found = await this.#realm.lookup(nameOrPathOrId, checkMilliseconds('ttl', ttl))
    return found && (borrow(found) as Proxy<A>)
  }

  /** Gives an actor a further name here, until it ends. Throws `name-taken` or `malformed`. */
  register(name: string, proxy: Proxy<unknown>): void {
    this.#realm.register(name, requireRef(proxy).actual)
  }

  /** Takes a name back; true if it was there. */
  unregister(name: string): boolean {
    return this.#realm.names.release(name)
  }

  /** Returns its undo. */
  on<K extends keyof RealmEvents>(event: K, listener: RealmEvents[K]): () => void {
    return this.#realm.events.on(event, listener)
  }

  get peers(): readonly Peer[] {
    return this.#peers.all
  }

  info(): DispatcherInfo {
    const { id, actors, names, terminated, deadLetters, deadlines } = this.#realm
    const peers = Array.from(this.#peers.links, ({ peer, pending, references, buffered }) => ({
      id: peer,
      pending,
      exports: references.exports.size,
      imports: references.imports.size,
      buffered,
    }))
    return {
      id,
      root: '/',
      actors: [...actors.keys()],
      terminated: [...terminated],
      names: names.all(),
      peers,
      deadLetters,
      deadlines: deadlines.size,
    }
  }

  /**
   * Stops the actors, closes every link, and settles what is still in flight.
   * Actors finish the message at hand, within 5 s, unless told otherwise.
   */
  close({ mode = 'now', timeout = 5_000 }: Omit<StopOptions, 'reason'> = {}): Promise<void> {
    return (this.#closed ??= this.#close({ mode, timeout, reason: 'the dispatcher closed' }))
  }

  [ASYNC_DISPOSE](): Promise<void> {
    return this.close()
  }

  /** Throws `stopped` once it is closed, and `malformed` for what lacks the method that an adapter puts there. */
  #check<K extends string | symbol>(
    verb: string,
    given: { readonly [key in K]: unknown },
    key: K,
    example: string,
  ): void {
    this.#peers.checkOpen()
    if (typeof (given as typeof given | undefined | null)?.[key] !== 'function')
      throw new ActorError('malformed', `${verb} takes what an adapter returns, such as ${example}`)
  }

  async #close(options: StopOptions): Promise<void> {
    const realm = this.#realm
    realm.closed = true
    this.#peers.stop()
    await realm.hosting?.close(options)
    await this.#peers.close()
    realm.directory.close(new ActorError('stopped', 'the dispatcher closed'))
    realm.deadlines.stop()
  }
}
