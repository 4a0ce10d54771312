import { ActorError, asActorError } from '../ground/errors.js'
import type { Link } from '../link/link.js'
import type { Resume } from '../link/session/handshake.js'
import { Session, type SessionOwner } from '../resume/session.js'
import type { Connector, Transport } from '../transport/transport.js'
import { HOPELESS } from './again.js'
import type { Peers } from './peers.js'

/** Milliseconds before the first attempt at most, and between two attempts. */
const FIRST = 50
const LONGEST = 2_000

/** Brings a session another connection when it lost the one that it had. */
class Resuming implements SessionOwner {
  readonly #peers: Peers
  readonly #connect: (resume: Resume) => Promise<Link>
  readonly #undo: (() => void) | undefined
  #session: Session | undefined
  /** The timer that ends the session. */
  #end: unknown
  #attempt = 0
  /** When the session last got a connection, and what had come before. */
  #foundAt = -Infinity
  #received = 0
  /** Ends the wait before the next attempt. */
  #wake = (): void => {}

  constructor(peers: Peers, connect: (resume: Resume) => Promise<Link>, presence: Connector['presence']) {
    this.#peers = peers
    this.#connect = connect
    const left = (): void => this.#session?.watcher?.close(new ActorError('stopped', 'the page was closed'))
    this.#undo = presence?.(() => this.#awake(), left)
  }

  get env(): Peers['realm']['env'] {
    return this.#peers.realm.env
  }

  get time(): number {
    return this.#peers.realm.time
  }

  begun(session: Session): void {
    this.#session = session
  }

  lost(session: Session, reason: ActorError): void {
    const { env, limits } = this.#peers.realm
    const late = (): void => session.fail(new ActorError('unreachable', 'the connection was not resumed in time'))
    this.#end = env.setTimer(late, limits.untrusted.resume, true)
    void this.#bringBack(session, reason)
  }

  found(session: Session): void {
    this.#foundAt = this.env.now()
    this.#received = session.received
    this.#rested()
  }

  over(): void {
    this.#undo?.()
    this.#rested()
  }

  #rested(): void {
    this.env.clearTimer(this.#end)
    this.#wake()
  }

  #awake(): void {
    this.#wake()
    if (this.#session && !this.#session.isOut) this.#session.watcher?.suspect()
  }

  async #bringBack(session: Session, reason: ActorError): Promise<void> {
    const { env } = this
    // A connection over which nothing came is one more that failed.
    if (session.received > this.#received || env.now() - this.#foundAt > LONGEST) this.#attempt = 0
    let latest = reason
    while (session.isOut && !session.isOver) {
      const attempt = ++this.#attempt
      const wait = Math.min(LONGEST, FIRST * 2 ** (attempt - 1)) * (0.5 + env.random() / 2)
      session.tell({ reason: latest, attempt, at: env.now() + wait })
      await this.#rest(wait)
      if (!session.isOut || session.isOver) return
      try {
        return void (await this.#connect(session.resume()))
      } catch (error) {
        const failure = (latest = asActorError(error, 'unreachable', 'the connection was not resumed'))
        if (this.#peers.realm.closed) return
        if (HOPELESS.has(failure.code)) return session.fail(failure)
        if (failure.code === 'expired')
          return session.fail(new ActorError('unreachable', 'the link is not known there any more', { cause: error }))
      }
    }
  }

  /** Until the time is over, or there is reason to try at once. Who waits for an answer keeps the process alive, and not this. */
  #rest(ms: number): Promise<void> {
    const { env } = this.#peers.realm
    return new Promise((resolve) => {
      const timer = env.setTimer(() => this.#wake(), ms, true)
      this.#wake = () => {
        env.clearTimer(timer)
        this.#wake = () => {}
        resolve()
      }
    })
  }
}

/** For `Connector.resumes`: a connection that broke is replaced, and the link goes on over the new one. */
export const resuming = (
  peers: Peers,
  connection: Transport,
  connect: (resume: Resume) => Promise<Link>,
  { presence }: Connector,
): Transport =>
  connection.traits.reconnects && peers.realm.limits.untrusted.resume > 0
    ? new Session(connection, new Resuming(peers, connect, presence))
    : connection
