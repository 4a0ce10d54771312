import type { Bus } from './bus/bus.js'
import { Cell } from './actor/cell.js'
import { Desk } from './peers/desk.js'
import { ASYNC_DISPOSE } from './ground/dispose.js'
import { checkMilliseconds } from './ground/milliseconds.js'
import { ActorError } from './ground/errors.js'
import { join, type Joined } from './peers/joining.js'
import type { ConnectOptions, LinkOffer } from './peers/link-offer.js'
import { listen, type Listened } from './peers/listening.js'
import type { Actors, Peer } from './peers/peer.js'
import { Peers } from './peers/peers.js'
import { borrow, own, requireRef } from './proxy/proxy.js'
import type { Proxy } from './proxy/proxy-types.js'
import { Realm, type RealmEvents, type RealmOptions, type Terminated } from './realm/realm.js'
import type { ActorClass, SpawnRest } from './supervision/spawn-options.js'
import type { StopOptions } from './message/stop-options.js'
import type { Connector, Listener } from './transport/transport.js'

/** Counts and names of one dispatcher, for a look inside. */
export interface DispatcherInfo {
  readonly id: string
  /** The path of the root, above all actors. */
  readonly root: string
  /** Ids. */
  readonly actors: readonly string[]
  /** The last 100 that ended, each with the reason. */
  readonly terminated: readonly Terminated[]
  readonly names: readonly string[]
  readonly peers: readonly PeerInfo[]
  readonly deadLetters: number
  /** Deadlines that are running. */
  readonly deadlines: number
}

export interface PeerInfo {
  readonly id: string
  /** Calls that await a reply. */
  readonly pending: number
  /** References that the peer holds, and that are held of it. */
  readonly exports: number
  readonly imports: number
  /** Bytes that were sent to the peer and wait for it: in its transport, and of streams whose reader has not said that it has them. */
  readonly buffered: number
}

export interface LookupOptions {
  /** Milliseconds that a message may wait for the actor if it is not there yet; it is a dead letter after that. */
  readonly ttl?: number
}

/** One per realm: owns the local actors, routes messages, and settles every call. */
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

  /** Makes an actor here. Resolves, after its `onStart`, with the proxy that owns it. */
  async spawn<C extends ActorClass>(actor: C, ...[options]: SpawnRest<C>): Promise<Proxy<InstanceType<C>>> {
    this.#peers.checkOpen()
    if (typeof actor !== 'function')
      throw new ActorError('malformed', 'spawn takes a class; a peer spawns by key: peer.spawn(key)')
    return own(await this.#realm.spawn(actor, options)) as Proxy<InstanceType<C>>
  }

  /** Links with one peer; one that was given as a factory is started again when it dies. Rejects with `start-failed`, `unreachable`, `unauthorized`, `version`, `handshake-timeout`, … */
  async connect<A = Actors>(connector: Connector, options: ConnectOptions = {}): Promise<Peer<A>> {
    this.#peers.checkOpen()
    checkOpens('connect', connector, 'webWorker(…)')
    return this.#peers.connect(connector, await Desk.open(this.#realm, options), options) as Promise<Peer<A>>
  }

  /** Lets peers come. */
  async listen(listener: Listener, offer: LinkOffer = {}): Promise<Listened> {
    this.#peers.checkOpen()
    checkOpens('listen', listener, 'webSocketServer(…)')
    return listen(this.#realm, this.#peers, listener, await Desk.open(this.#realm, offer))
  }

  /** Links with everybody on a bus, those who come later too. Resolves once those who are there are met. */
  async join(bus: Bus, offer: LinkOffer = {}): Promise<Joined> {
    this.#peers.checkOpen()
    checkOpens('join', bus, 'broadcastChannel(…)')
    return join(this.#realm, this.#peers, bus, await Desk.open(this.#realm, offer))
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

  async #close(options: StopOptions): Promise<void> {
    const realm = this.#realm
    realm.closed = true
    this.#peers.stop()
    const roots = [...realm.actors.values()].filter((ref) => ref instanceof Cell && !ref.parent)
    await Promise.all(roots.map((root) => root.control('stop', options)))
    await this.#peers.close()
    realm.directory.close(new ActorError('stopped', 'the dispatcher closed'))
    realm.deadlines.stop()
  }
}

function checkOpens(what: string, adapter: unknown, example: string): void {
  if (typeof (adapter as { readonly open?: unknown } | undefined | null)?.open === 'function') return
  throw new ActorError('malformed', `${what} takes what an adapter returns, such as ${example}`)
}
