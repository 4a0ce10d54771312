import { Cell } from './cell.js'
import type { StopOptions } from './stop-options.js'
import { Deferred } from './deferred.js'
import { Desk } from './desk.js'
import { ASYNC_DISPOSE } from './dispose.js'
import { ActorError } from './errors.js'
import type { Authorize } from './link/handshake.js'
import { Link } from './link/link.js'
import type { Actors, Peer } from './peer.js'
import { borrow, own, requireRef } from './proxy.js'
import type { Proxy } from './proxy-types.js'
import { Realm, type RealmEvents, type RealmOptions } from './realm.js'
import { RemotePeer } from './remote-peer.js'
import type { ActorClass, SpawnRest } from './spawn-options.js'
import type { Connector, Listener, Transport } from './transport.js'

/** What this side offers to the peer, and whom it lets in. */
export interface LinkOffer {
  /** Classes that the peer may spawn, by key. Objects are running actors, found under that name. */
  readonly actors?: Actors
  /** Names that the peer may look up; all names of this realm's own actors unless given. */
  readonly names?: readonly string[]
  /** Asked for each peer before anything else of it is looked at. None given: only loopback. */
  readonly authorize?: Authorize
}

/** What `listen` resolves to. */
export interface Listened {
  readonly address: string | undefined
  readonly port: number | undefined
  readonly peers: readonly Peer[]
  /** Takes no more peers and closes the links of those that came. */
  close(): Promise<void>
}

/** Counts and names of one dispatcher, for a look inside. */
export interface DispatcherInfo {
  readonly id: string
  readonly actors: readonly string[]
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
}

/** One per realm: owns the local actors, routes messages, and settles every call. */
export class Dispatcher {
  readonly #realm: Realm
  readonly #links = new Map<Link, Peer>()
  /** Links whose handshake is under way. */
  readonly #opening = new Set<Link>()
  readonly #listening = new Set<Listened>()
  #closed: Promise<void> | undefined

  constructor(options: RealmOptions = {}) {
    this.#realm = new Realm(options)
    this.#realm.dispatcher = this
  }

  get id(): string {
    return this.#realm.id
  }

  /** Makes an actor here. Resolves, after its `onStart`, with the proxy that owns it. */
  async spawn<C extends ActorClass>(actor: C, ...[options]: SpawnRest<C>): Promise<Proxy<InstanceType<C>>> {
    this.#open()
    if (typeof actor !== 'function')
      throw new ActorError('malformed', 'spawn takes a class; a peer spawns by key: peer.spawn(key)')
    return own(await Cell.spawn(this.#realm, actor, options ?? {})) as Proxy<InstanceType<C>>
  }

  /** Links with one peer. Rejects with `start-failed`, `unreachable`, `unauthorized`, `version`, `handshake-timeout`, … */
  async connect<A = Actors>(connector: Connector, offer: LinkOffer = {}): Promise<Peer<A>> {
    this.#open()
    const desk = await this.#desk(offer)
    const transport = await this.#dial(connector)
    return this.#attach(transport, false, desk, offer, connector.token) as Promise<Peer<A>>
  }

  /** Lets peers come. */
  async listen(listener: Listener, offer: LinkOffer = {}): Promise<Listened> {
    this.#open()
    const desk = await this.#desk(offer)
    const peers = new Set<Peer>()
    const listening = await listener.open((transport) => {
      this.#attach(transport, true, desk, offer, undefined).then(
        (peer) => {
          peers.add(peer)
          void peer.closed.then(() => peers.delete(peer))
        },
        (error: unknown) => {
          // One that left by itself is no news.
          if (error instanceof ActorError && error.code === 'unreachable') return
          this.#realm.log({ level: 'warn', text: '[troupe] a peer was not let in', error })
        },
      )
    }, this.#realm.limits.untrusted.frame)
    const listened: Listened = {
      address: listening.address,
      port: listening.port,
      get peers() {
        return [...peers]
      },
      close: async () => {
        this.#listening.delete(listened)
        const closing = listening.close()
        await Promise.all(Array.from(peers, (peer) => peer.close()))
        await closing
      },
    }
    if (this.#closed) {
      await listened.close()
      this.#open()
    }
    this.#listening.add(listened)
    return listened
  }

  /** The actor of that name, path (`/parent/child`) or id: here first, then at the peers. */
  async lookup<A>(nameOrPathOrId: string): Promise<Proxy<A> | undefined> {
    const local = this.#realm.find(nameOrPathOrId)
    if (local) return borrow(local) as Proxy<A>
    const asked = Array.from(this.#links.values(), (peer) => peer.lookup<A>(nameOrPathOrId).catch(() => undefined))
    for (const answer of asked) {
      const found = await answer
      if (found) return found
    }
    return undefined
  }

  /** Gives an actor a further name here. Throws `name-taken` or `malformed`. */
  register(name: string, proxy: Proxy<unknown>): void {
    this.#realm.claim(name, requireRef(proxy))
  }

  /** Takes a name back; true if it was there. */
  unregister(name: string): boolean {
    return this.#realm.names.delete(name)
  }

  /** Returns its undo. */
  on<K extends keyof RealmEvents>(event: K, listener: RealmEvents[K]): () => void {
    return this.#realm.events.on(event, listener)
  }

  get peers(): readonly Peer[] {
    return [...this.#links.values()]
  }

  info(): DispatcherInfo {
    const { id, actors, names, deadLetters, deadlines } = this.#realm
    const peers = Array.from(this.#links.keys(), ({ peer, pending, references }) => ({
      id: peer,
      pending,
      exports: references.exports,
      imports: references.imports,
    }))
    return { id, actors: [...actors.keys()], names: [...names.keys()], peers, deadLetters, deadlines: deadlines.size }
  }

  /**
   * Stops the actors, closes every link, and settles what is still in flight.
   * Actors finish the message at hand, within 5 s, unless told otherwise.
   */
  close(options: Omit<StopOptions, 'reason'> = {}): Promise<void> {
    return (this.#closed ??= this.#close({ mode: 'now', timeout: 5_000, ...options, reason: 'the dispatcher closed' }))
  }

  [ASYNC_DISPOSE](): Promise<void> {
    return this.close()
  }

  async #close(options: StopOptions): Promise<void> {
    this.#realm.closed = true
    for (const link of this.#opening) link.close(new ActorError('stopped', 'the dispatcher closed'))
    const roots = [...this.#realm.actors.values()].filter((ref) => ref instanceof Cell && !ref.parent)
    await Promise.all(roots.map((root) => root.control('stop', options)))
    await Promise.all(Array.from(this.#listening, (listened) => listened.close()))
    await Promise.all(Array.from(this.#links.values(), (peer) => peer.close()))
    this.#realm.deadlines.stop()
  }

  /** Opens a transport, within the time that a handshake has. */
  async #dial(connector: Connector): Promise<Transport> {
    const { env, limits } = this.#realm
    const patience = limits.trusted.handshake
    const late = new Deferred<never>()
    const error = new ActorError('handshake-timeout', `no transport was opened within ${patience} ms`)
    const timer = env.setTimer(() => late.reject(error), patience)
    let over = false
    const opening = (async () => connector.open(limits.untrusted.frame))()
    // One that comes too late is wanted by nobody.
    opening.then(
      (transport) => {
        if (over || this.#closed) transport.close()
      },
      () => {},
    )
    try {
      const transport = await Promise.race([opening, late.promise])
      this.#open()
      return transport
    } finally {
      over = true
      env.clearTimer(timer)
    }
  }

  #open(): void {
    if (this.#closed) throw new ActorError('stopped', 'the dispatcher is closed')
  }

  /** The requests that peers may make, answered from what is offered to them. */
  async #desk({ actors = {}, names }: LinkOffer): Promise<Desk> {
    const desk = new Desk(this.#realm, names)
    for (const [key, actor] of Object.entries(actors)) {
      if (typeof actor === 'function') desk.offer(key, actor as ActorClass)
      else if (!this.#realm.names.has(key)) await Cell.adopt(this.#realm, actor, { name: key }, { kind: key })
    }
    return desk
  }

  async #attach(
    transport: Transport,
    incoming: boolean,
    desk: Desk,
    offer: LinkOffer,
    token: string | undefined,
  ): Promise<Peer> {
    const { events } = this.#realm
    const link = new Link(this.#realm, transport, {
      incoming,
      token,
      authorize: offer.authorize,
      actors: (grant) => desk.keys(grant),
      desk: (from, verb, args) => desk.answer(from, verb, args),
    })
    this.#opening.add(link)
    if (this.#closed) link.close(new ActorError('stopped', 'the dispatcher closed'))
    try {
      await link.ready
    } finally {
      this.#opening.delete(link)
    }
    const peer = new RemotePeer(link)
    this.#links.set(link, peer)
    void link.closed.then((reason) => {
      this.#links.delete(link)
      events.emit('peer-down', link.peer, reason)
    })
    events.emit('peer-up', link.peer)
    return peer
  }
}
