import type { Medium } from '../bus/medium.js'
import { aborter } from '../ground/abort.js'
import { Deferred } from '../ground/deferred.js'
import { Desk } from './desk.js'
import { ActorError, asActorError, type ErrorCode } from '../ground/errors.js'
import type { ConnectOptions } from './link-offer.js'
import type { Rhythm } from '../link/session/heartbeat.js'
import { Link } from '../link/link.js'
import type { Realm } from '../realm/realm.js'
import { RemotePeer } from './remote-peer.js'
import { Restarts } from '../ground/restarts.js'
import type { Connector, Transport } from '../transport/transport.js'

/** How a transport came about. */
export interface Origin {
  readonly desk: Desk
  /** Whether the peer came to us. */
  readonly incoming?: boolean
  readonly token?: string | undefined
  readonly medium?: Medium
  /** Whether the realm there is ours to end and to start again. */
  readonly isOurs?: boolean
  readonly unresponsive?: Rhythm | undefined
}

/** Milliseconds that a realm has to answer when it is asked whether it lives. */
const GRACE = 5_000
/** What a peer may say when it ends a link that no further attempt would change. */
const FINAL = new Set<ErrorCode>(['stopped', 'unauthorized', 'version', 'origin', 'id-in-use'])

/** The peers of one dispatcher: makes links of transports, keeps account of them, and dials again those who return. */
export class Peers {
  readonly realm: Realm
  readonly #links = new Map<Link, RemotePeer>()
  /** Links whose handshake is under way. */
  readonly #opening = new Set<Link>()
  /** Ends what goes on by itself: listeners, and what was joined. */
  readonly ends = new Set<() => Promise<void>>()
  /** Ends the waits between two attempts. */
  readonly #waits = new Set<() => void>()
  #closed = false

  constructor(realm: Realm) {
    this.realm = realm
    realm.meet = (transport, id) => void this.#meet(transport, id)
  }

  get all(): RemotePeer[] {
    return [...this.#links.values()]
  }

  get links(): Iterable<Link> {
    return this.#links.keys()
  }

  async connect(connector: Connector, desk: Desk, options: ConnectOptions): Promise<RemotePeer> {
    const { token, returns: isOurs = false } = connector
    const { after, grace = GRACE } = options.unresponsive ?? {}
    const unresponsive = after === undefined ? undefined : { after, grace }
    connector.brings?.(this.realm as never)
    const dial = async (): Promise<Link> => {
      const transport = await this.open((signal) => connector.open(this.realm.limits.untrusted.frame, signal))
      return this.attach(transport, { desk, token, isOurs, unresponsive })
    }
    const link = await dial()
    const peer = new RemotePeer(link, isOurs)
    this.watch(link, peer, isOurs ? dial : undefined, new Restarts(this.realm.env, options.restart))
    return peer
  }

  /** Opens something that can be closed, within the time that a handshake has. What comes too late is told, and closed. */
  async open<T extends { close(): void }>(opener: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
    const { env, limits } = this.realm
    const patience = limits.trusted.handshake
    const late = new Deferred<never>()
    const error = new ActorError('handshake-timeout', `no transport was opened within ${patience} ms`)
    const timer = env.setTimer(() => late.reject(error), patience)
    let over = false
    const given = aborter()
    const giveUp = (): void => late.reject(new ActorError('stopped', 'the dispatcher is closed'))
    this.#waits.add(giveUp)
    const opening = (async () => opener(given.signal))()
    opening.then(
      (opened) => {
        if (over || this.#closed) opened.close()
      },
      () => {},
    )
    try {
      const opened = await Promise.race([opening, late.promise])
      this.checkOpen()
      return opened
    } catch (reason) {
      given.abort(reason)
      throw reason
    } finally {
      over = true
      this.#waits.delete(giveUp)
      env.clearTimer(timer)
    }
  }

  /** Keeps the end of what was opened; where the dispatcher closed meanwhile it is the end now. Rejects with `stopped`. */
  async keep(end: () => Promise<void>): Promise<void> {
    this.ends.add(end)
    if (!this.#closed) return
    await end()
    this.checkOpen()
  }

  /** Throws `stopped`. */
  checkOpen(): void {
    if (this.#closed) throw new ActorError('stopped', 'the dispatcher is closed')
  }

  /** Nothing opens any more, and nobody is dialled again. */
  stop(): void {
    this.#closed = true
    for (const link of this.#opening) link.close(new ActorError('stopped', 'the dispatcher closed'))
    for (const wake of this.#waits) wake()
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.ends, (end) => end()))
    await Promise.all(this.all.map((peer) => peer.close()))
  }

  /** Makes a link of a transport. Rejects where one of the two does not let the other in. */
  async attach(transport: Transport, origin: Origin): Promise<Link> {
    const { routes, directory } = this.realm
    const { desk, incoming = false, token, medium, isOurs = false, unresponsive } = origin
    const link = new Link(this.realm, transport, {
      incoming,
      token,
      medium,
      isOurs,
      unresponsive,
      authorize: desk.authorize,
      actors: (grant) => desk.keys(grant),
      desk: (from, verb, args) => desk.answer(from, verb, args),
      opened: (opened) => this.#opened(opened, incoming),
      heard: (from, news) => directory.sightings.hear(from, news),
      introduced: (from, introduction) => routes.shortcuts?.introduced(from, introduction),
    })
    this.#opening.add(link)
    if (this.#closed) link.close(new ActorError('stopped', 'the dispatcher closed'))
    try {
      await link.ready
    } finally {
      this.#opening.delete(link)
    }
    return link
  }

  #opened(link: Link, incoming: boolean): void {
    const { routes, directory } = this.realm
    if (link.trusted || !incoming) directory.join(link)
    if (link.trusted) routes.join(link)
    void link.closed.then(() => {
      directory.leave(link)
      routes.leave(link)
    })
  }

  /** Keeps account of a peer for as long as its link lives, and dials it again, if it is to be, when that dies. */
  watch(link: Link, peer: RemotePeer, redial?: () => Promise<Link>, restarts = new Restarts(this.realm.env)): void {
    const { events } = this.realm
    this.#links.set(link, peer)
    void link.closed.then((reason) => {
      this.#links.delete(link)
      if (redial && !FINAL.has(reason.code) && !peer.left && !this.#closed) {
        void this.#bringBack(peer, redial, restarts)
      } else peer.end(reason)
      events.emit('peer-down', link.peer, reason)
    })
    events.emit('peer-up', link.peer)
  }

  async #bringBack(peer: RemotePeer, redial: () => Promise<Link>, restarts: Restarts): Promise<void> {
    peer.lost()
    const link = await this.again(redial, restarts, () => peer.left)
    if (link instanceof ActorError) return peer.end(link)
    if (peer.left) return link.close(new ActorError('stopped', 'the link was closed'))
    this.watch(link, peer, redial, restarts)
    peer.moved(link)
  }

  /** Tries until it works, or returns why it was given up: too often, or because nobody wants it any more. */
  async again<T>(attempt: () => Promise<T>, restarts: Restarts, isOver: () => boolean): Promise<T | ActorError> {
    let reason: ActorError | undefined
    this.realm.returning++
    try {
      for (let delay = restarts.next(); delay !== undefined; delay = restarts.next()) {
        if (delay > 0) await this.#wait(delay)
        if (isOver() || this.#closed) return new ActorError('stopped', 'the link was closed')
        try {
          return await attempt()
        } catch (error) {
          reason = asActorError(error, 'unreachable', 'the peer did not come back')
        }
      }
      const { max, within } = restarts
      return new ActorError('escalated', `it died more than ${max} times within ${within} ms`, { cause: reason })
    } finally {
      this.realm.returning--
    }
  }

  #wait(ms: number): Promise<void> {
    const { env } = this.realm
    return new Promise((resolve) => {
      const wake = (): void => {
        env.clearTimer(timer)
        this.#waits.delete(wake)
        resolve()
      }
      const timer = env.setTimer(wake, ms)
      this.#waits.add(wake)
    })
  }

  /** Somebody between introduced us. One who is not who he was said to be is none of ours. */
  async #meet(transport: Transport, id: string): Promise<void> {
    try {
      const link = await this.attach(transport, { desk: new Desk(this.realm) })
      if (link.peer !== id) link.close(new ActorError('protocol', 'the peer is not who it was said to be'))
      this.watch(link, new RemotePeer(link))
    } catch {
      // We go on as before, through the realm between.
    }
  }
}
