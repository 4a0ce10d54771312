// The room peers: connects to peers, brings them back, and answers what they ask of a realm.
import { aborter } from '../ground/abort.js'
import { RequestHandler } from './request-handler.js'
import { ActorError } from '../ground/errors.js'
import { checkMilliseconds } from '../ground/milliseconds.js'
import type { CloseOptions } from '../message/stop-options.js'
import type { ConnectOptions } from './link-offer.js'
import type { LinkOwner } from '../link/link-home.js'
import { Link } from '../link/link.js'
import type { Resume } from '../link/session/handshake.js'
import { closed } from '../realm/closing.js'
import type { Realm } from '../realm/realm.js'
import { type Comeback, RemotePeer } from './remote-peer.js'
import type { Intensity } from '../ground/restarts.js'
import type { Connector, Transport } from '../transport/transport.js'

/** Milliseconds that a realm has to answer when it is asked whether it lives, and a listener or a bus to close. */
const GRACE = 5_000
/** Milliseconds after which it is logged that a realm which was started says nothing. */
const QUIET = 3_000

/** What a connector has whose peers return: it brings the code for it. */
type Returns = (peers: Peers, dial: () => Promise<Link>, restart?: Intensity, file?: string) => Comeback

/** What a connector has whose links last: it brings the code for it. */
type Resumes = (
  peers: Peers,
  connection: Transport,
  connect: (resume: Resume) => Promise<Link>,
  connector: Connector,
) => Transport

/** The peers of one dispatcher: makes links of transports and keeps account of them. */
export class Peers implements LinkOwner {
  readonly realm: Realm
  readonly #links = new Map<Link, RemotePeer>()
  /** Gives up what is under way: attempts to open something, handshakes, and the waits between two of them. */
  readonly #underWay = new Set<() => void>()

  constructor(realm: Realm) {
    this.realm = realm
    realm.meet = (transport) => this.#meet(transport)
  }

  get all(): RemotePeer[] {
    return [...this.#links.values()]
  }

  async connect(connector: Connector, requestHandler: RequestHandler, options: ConnectOptions): Promise<RemotePeer> {
    const { file, returns = false, restart, resumes } = connector
    const isOurs = returns !== false && !resumes
    const unresponsive = options.unresponsive && { grace: GRACE, ...options.unresponsive }
    if (unresponsive) {
      checkMilliseconds('after', unresponsive.after ?? null)
      checkMilliseconds('grace', unresponsive.grace ?? null)
    }
    connector.brings?.(this.realm as never)
    const dial = async (resume?: Resume): Promise<Link> => {
      let token: string | undefined
      const opened = await this.open(async (signal) => {
        token = await tokenOf(connector)
        return connector.open(this.realm.limits.untrusted.frame, signal)
      }, 'send')
      const transport = resume ? opened : ((resumes as Resumes | undefined)?.(this, opened, dial, connector) ?? opened)
      return this.attach(new Link(this, transport, { requestHandler, token, isOurs, unresponsive, resume }), file)
    }
    const given = options.restart
    // What it leaves out is as for other peers of this kind.
    const intensity = typeof given === 'object' ? { ...restart, ...given } : (given ?? restart)
    const comeback = returns ? (returns as Returns)(this, dial, intensity, file) : undefined
    const link = await dial()
    const peer = new RemotePeer(link, comeback)
    this.watch(link, peer)
    return peer
  }

  /**
   * Opens something that has a `method` and can be closed, within the time that a handshake has. What comes too late is told,
   * and closed.
   */
  async open<T extends { close(): unknown }>(
    opener: (signal: AbortSignal) => T | Promise<T>,
    method = 'close',
  ): Promise<T> {
    const timeout = this.realm.limits.trusted.handshake
    const given = aborter()
    const opening = (async () => {
      const made = await opener(given.signal)
      if (typeof (made as Record<string, unknown> | undefined)?.[method] === 'function') return made
      void (made as Partial<T> | undefined)?.close?.()
      throw new ActorError('malformed', `open() gave nothing with ${method}(); use what an adapter returns`)
    })()
    const opened = await Promise.race([opening, this.wait(timeout, opening)])
    if (opened && !this.realm.closed) return opened
    const reason = this.realm.closed
      ? closed()
      : new ActorError('handshake-timeout', `the transport did not open within ${timeout} ms`)
    given.abort(reason)
    opening.then((late) => late.close()).catch(() => {})
    throw reason
  }

  /** Throws `stopped`. */
  checkOpen(): void {
    if (this.realm.closed) throw closed()
  }

  /** The realm is closed: what is under way is given up. */
  stop(): void {
    this.realm.closed = true
    for (const giveUp of this.#underWay) giveUp()
  }

  /** Realms that this side started end first: what they still have to say may go over the other links. */
  async close(options: CloseOptions): Promise<void> {
    const close = (isOurs: boolean): Promise<unknown> =>
      Promise.all(
        this.all.filter(({ link }) => (link.options.isOurs === true) === isOurs).map((peer) => peer.close(options)),
      )
    await close(true)
    await this.wait(GRACE, Promise.all(Array.from(this.realm.ends, (end) => end(options))))
    await close(false)
  }

  /**
   * Opens a link, and resolves to it. Rejects where one of the two does not let the other in. `file` is what the realm at
   * the other end runs: it is named in the log when nothing is heard of that realm for a while.
   */
  async attach(link: Link, file?: string): Promise<Link> {
    const { env } = this.realm
    const ready = link.start()
    const giveUp = (): void => link.close(closed())
    this.#underWay.add(giveUp)
    if (this.realm.closed) giveUp()
    const timer = file && env.setTimer(() => link.peer || this.#suspect(file), QUIET, true)
    try {
      await ready
    } finally {
      env.clearTimer(timer)
      this.#underWay.delete(giveUp)
    }
    return link
  }

  /** Its file may be the wrong one, or lack host(). */
  #suspect(file: string): void {
    const error = new ActorError('handshake-timeout', `nothing was heard for ${QUIET} ms; does that file call host()?`)
    this.realm.log({ level: 'warn', text: `[troupe] ${file} does not answer`, error })
  }

  changed(link: Link): void {
    this.#links.get(link)?.changed()
  }

  opened(link: Link): void {
    const { routes, directory } = this.realm
    if (link.trusted || !link.options.incoming) directory.join(link)
    if (link.trusted) routes.join(link)
    void link.closed.then(() => {
      directory.leave(link)
      routes.leave(link)
    })
  }

  /** Keeps account of a peer for as long as its link lives. When that dies, the peer comes back or ends. */
  watch(link: Link, peer: RemotePeer): void {
    const { events } = this.realm
    this.#links.set(link, peer)
    void link.closed.then((reason) => {
      this.#links.delete(link)
      if (!peer.comeback?.begin(peer, reason)) peer.end(reason)
      events.emit('peer-down', link.peer, reason)
    })
    events.emit('peer-up', link.peer)
  }

  /** Until the time is over, `event` has happened, or the dispatcher closes. */
  wait(ms: number, event?: Promise<unknown>, isHeld = true): Promise<undefined> {
    const { env } = this.realm
    return new Promise((resolve) => {
      const wake = (): void => {
        env.clearTimer(timer)
        this.#underWay.delete(wake)
        resolve(undefined)
      }
      const timer = env.setTimer(wake, ms, !isHeld)
      this.#underWay.add(wake)
      event?.then(wake, wake)
    })
  }

  /** Another realm is at the other end: somebody between introduced us, or one looked for the other. */
  async #meet(transport: Transport): Promise<Link> {
    const link = await this.attach(new Link(this, transport, { requestHandler: new RequestHandler(this.realm) }))
    this.watch(link, new RemotePeer(link))
    return link
  }
}

/** Rejects with `unreachable` if there is none to be had at the moment. */
async function tokenOf({ token }: Connector): Promise<string | undefined> {
  try {
    const given: unknown = typeof token === 'function' ? await token() : token
    if (given === undefined || typeof given === 'string') return given
  } catch (error) {
    throw new ActorError('unreachable', "'token' failed", { cause: error })
  }
  throw new ActorError('malformed', "'token' must be a string, or a function that returns or resolves to one")
}
