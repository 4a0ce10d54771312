import type {} from './actor/context.js'
import { isPublic } from './directory/names.js'
import { ASYNC_DISPOSE } from './ground/dispose.js'
import { ActorError } from './ground/errors.js'
import { millisecondsOf } from './ground/milliseconds.js'
import type { Ref } from './message/ref.js'
import { answer, requestOf } from './message/request.js'
import { checkStopOptions, type CloseOptions } from './message/stop-options.js'
import { type Bus, JOIN, type Joined } from './peers/bus.js'
import { RequestHandler } from './peers/request-handler.js'
import type { ConnectOptions, LinkOffer } from './peers/link-offer.js'
import { LISTEN, type Listened, type Listener } from './peers/listener.js'
import type { Peer } from './peers/peer.js'
import { Peers } from './peers/peers.js'
import { borrow, own, refOf, requireRef } from './proxy/proxy.js'
import type { Proxy } from './proxy/proxy-types.js'
import type { DispatcherInfo } from './realm/dispatcher-info.js'
import { type Actors, type HostedClass, hostsOf } from './realm/hosting.js'
import type { RealmEvents } from './realm/realm-events.js'
import { REALM, Realm, type RealmOptions } from './realm/realm.js'
import type { SpawnRest } from './supervision/spawn-options.js'
import type { Connector } from './transport/transport.js'

declare module './actor/context.js' {
  interface Context<A> {
    /** The dispatcher of this realm. */
    readonly dispatcher: Dispatcher
  }
}

/** The options of `dispatcher.lookup`. */
export interface LookupOptions {
  /**
   * Milliseconds that a message waits for the actor if it is not there yet, or out of reach because a link went down. After
   * that it fails with `expired`.
   */
  readonly ttl?: number
}

/**
 * Owns the actors of its realm (a tab, a worker, a thread, a process), routes messages, and settles every call. A
 * realm usually has one.
 *
 * A dispatcher alone can only call others. The code that hosts actors comes with a class that extends `Actor`, the
 * code that listens with a listener such as `webSocketServer(…)`, the code that joins with a bus such as
 * `broadcastChannel(…)`.
 */
export class Dispatcher {
  readonly #realm: Realm
  readonly #peers: Peers
  #closing: Promise<unknown> | undefined

  /** Throws `malformed` for wrong options. */
  constructor(options: RealmOptions = {}) {
    this.#realm = new Realm(options)
    this.#realm.dispatcher = this
    this.#peers = new Peers(this.#realm)
  }

  /** @internal */
  get [REALM](): Realm {
    return this.#realm
  }

  /** The id that it was given, or a random one. */
  get id(): string {
    return this.#realm.id
  }

  /**
   * Makes an actor in this realm.
   *
   * Takes a class that extends `Actor`, or `actor(Class)` for any other class, and options such as `args`, `name` and
   * `restart`. Resolves after `onStart` to a proxy that owns the actor: disposing it stops the actor. Rejects with
   * `malformed`, `id-in-use`, `name-taken`, `quota`, `start-failed`, `timeout` after the dispatcher's `deadline`, or
   * `stopped` if the actor or the dispatcher was stopped.
   */
  async spawn<C extends HostedClass>(actor: C, ...[options]: SpawnRest<C>): Promise<Proxy<InstanceType<C>>> {
    this.#peers.checkOpen()
    const hosts = typeof actor === 'function' && hostsOf(actor)
    if (!hosts)
      throw new ActorError(
        'malformed',
        'spawn takes a class that extends Actor, or actor(Class) for any other; a peer spawns by key: peer.spawn(key)',
      )
    return own(await hosts(this.#realm).spawn(actor, options)) as Proxy<InstanceType<C>>
  }

  /**
   * Links with one peer. If the connector was made of a function, such as `webWorker(() => new Worker(…))`, the peer's
   * realm is started again when it dies.
   *
   * Takes what an adapter returns, what this side offers and asks for (`actors`, `functions`, `names`, `authorize`, `key`,
   * `version`), `restart` and `unresponsive`. Resolves to the peer when both sides have agreed. Rejects with `malformed`,
   * `start-failed`, `unreachable`, `unauthorized`, `origin`, `version`, `handshake-timeout`, `no-worker`, or `stopped` if
   * the dispatcher was closed meanwhile.
   *
   * ```ts
   * const worker = await dispatcher.connect<typeof actors>(
   *   webWorker(() => new Worker(new URL('./counter.worker.ts', import.meta.url), { type: 'module' })),
   * )
   * ```
   */
  async connect<A = Actors>(connector: Connector, options: ConnectOptions = {}): Promise<Peer<A>> {
    if (!this.#isFrom(connector, 'open') || JOIN in connector)
      throw new ActorError(
        'malformed',
        'connect takes what an adapter of one peer returns, such as webWorker(…), and no bus',
      )
    return this.#peers.connect(connector, await RequestHandler.open(this.#realm, options), options) as Promise<Peer<A>>
  }

  /**
   * Accepts peers, as a server does.
   *
   * Takes what an adapter such as `webSocketServer(…)` returns, and what this side offers. Resolves when it listens,
   * to its address, its port and its peers. Rejects with `malformed`, with `unreachable` if the address can't be used,
   * or with `stopped`.
   */
  async listen(listener: Listener, offer: LinkOffer = {}): Promise<Listened> {
    if (!this.#isFrom(listener, LISTEN))
      throw new ActorError('malformed', 'listen takes what an adapter returns, such as webSocketServer(…)')
    return listener[LISTEN](this.#peers, listener, offer)
  }

  /**
   * Links with every member of a bus, now and later.
   *
   * Takes what an adapter such as `broadcastChannel(…)` returns, and what this side offers. Resolves when the members
   * that are there now have been linked. Rejects with `malformed`, `unreachable` or `stopped`.
   */
  async join(bus: Bus, offer: LinkOffer = {}): Promise<Joined> {
    if (!this.#isFrom(bus, JOIN))
      throw new ActorError('malformed', 'join takes what an adapter returns, such as broadcastChannel(…)')
    return bus[JOIN](this.#peers, bus, offer)
  }

  /**
   * Finds an actor by its name, path (`/parent/child`) or id: in this realm first, then at the nearest peer that has
   * it.
   *
   * Resolves to a borrowed proxy, or to undefined. With `ttl` (ms) it always resolves to a proxy: messages to it wait
   * that long for the actor, also when the link to it went down, then fail with `expired`. Rejects with `malformed`, or
   * with `stopped` if the dispatcher is closed.
   */
  async lookup<A>(nameOrPathOrId: string): Promise<Proxy<A> | undefined>
  /** With `ttl` it always resolves to a proxy, whose messages wait that long for the actor. */
  async lookup<A>(nameOrPathOrId: string, options: LookupOptions & { readonly ttl: number }): Promise<Proxy<A>>
  async lookup<A>(nameOrPathOrId: string, options?: LookupOptions): Promise<Proxy<A> | undefined>
  async lookup<A>(nameOrPathOrId: string, options?: LookupOptions): Promise<Proxy<A> | undefined> {
    if (typeof nameOrPathOrId !== 'string')
      throw new ActorError('malformed', `lookup takes a name, a path or an id, not ${typeof nameOrPathOrId}`)
    const realm = this.#realm
    const waits = millisecondsOf(options, 'ttl')
    const request = requestOf(realm, 'lookup', [])
    answer(realm, request, () => realm.lookup(nameOrPathOrId, waits))
    const found = (await request.promise) as Ref | undefined
    return found && (borrow(found) as Proxy<A>)
  }

  /**
   * Gives an actor, here or elsewhere, one more name in this dispatcher, until it ends. Throws `name-taken`, `malformed`,
   * or `stopped` if the actor has ended.
   */
  register(name: string, proxy: Proxy<unknown>): void {
    this.#peers.checkOpen()
    this.#realm.register(name, requireRef(proxy).actual)
  }

  /** Removes a name. Returns whether it was there. */
  unregister(name: string): boolean {
    return this.#realm.names.release(name)
  }

  /** Adds a listener to an event of `DispatcherEvents`. Returns a function that removes it. */
  on<K extends keyof RealmEvents>(event: K, listener: RealmEvents[K]): () => void {
    return this.#realm.events.on(event, listener)
  }

  /** The peers of all open links. */
  get peers(): readonly Peer[] {
    return this.#peers.all
  }

  /** Actors, names, peers and counts, as they are now. */
  info(): DispatcherInfo {
    const { id, names, deadLetters, deadlines, hosting, buses } = this.#realm
    const peers = this.#peers.all.map(({ link: { peer, pending, references, buffered } }) => ({
      id: peer,
      pending,
      exports: references.exports.size,
      imports: references.imports.size,
      buffered,
    }))
    return {
      id,
      root: '/',
      ...(hosting?.info() ?? { actors: [], terminated: [], stalled: [] }),
      names: names.all().filter(isPublic),
      peers,
      buses: Array.from(buses, (info) => info()),
      deadLetters,
      deadlines: deadlines.size,
    }
  }

  /**
   * Stops all actors, ends the realms that connectors such as `workerThread(() => …)` started, closes all links, and
   * settles all calls.
   *
   * Takes the `mode` of `stop` (`now` unless given: actors finish the message being handled) and a `timeout` in ms
   * (5,000 unless given). The actors of this realm stop first, then those of the realms that it started. What still runs
   * after `timeout` is killed. Where it closes already, a `timeout` or the mode `kill` can end it sooner. Resolves when all
   * is closed. Calls after that reject with `stopped`, those of actors elsewhere with `unreachable`. Rejects with `malformed`.
   */
  async close(options?: CloseOptions): Promise<void> {
    const { mode = 'now', timeout } = checkStopOptions(options)
    if (!this.#closing || timeout !== undefined || mode === 'kill')
      this.#closing = Promise.all([this.#closing, this.#close({ mode, timeout: timeout ?? 5_000 })])
    for (let closing; closing !== this.#closing;) await (closing = this.#closing)
  }

  /** `close()`, for `await using`. */
  [ASYNC_DISPOSE](): Promise<void> {
    return this.close()
  }

  /** Whether an adapter made it, which puts a method there. Throws `stopped` once the dispatcher is closed. */
  #isFrom(given: object, key: string | symbol): boolean {
    this.#peers.checkOpen()
    return typeof (given as Record<string | symbol, unknown> | null | undefined)?.[key] === 'function' && !refOf(given)
  }

  async #close({ mode, timeout }: Required<CloseOptions>): Promise<void> {
    const realm = this.#realm
    const due = realm.env.now() + timeout
    if (!realm.closed) this.#peers.stop()
    await realm.hosting?.close({ mode, timeout, reason: 'the dispatcher closed' })
    await this.#peers.close({ mode, timeout: Math.max(0, due - realm.env.now()) })
    realm.directory.close(new ActorError('stopped', 'the dispatcher closed'))
    realm.deadlines.stop()
    for (const name of realm.names.all()) realm.names.release(name)
  }
}
