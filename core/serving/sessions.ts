import { ActorError } from '../ground/errors.js'
import type { Resume } from '../link/session/handshake.js'
import type { Resumable } from '../peers/listener.js'
import { Session, type SessionOwner } from '../resume/session.js'
import type { Realm } from '../realm/realm.js'
import type { Transport } from '../transport/transport.js'

/** Sessions without a connection, and bytes that are kept for them, of all peers together. */
const MOST = { sessions: 1_000, bytes: 64 * 1024 * 1024 }

/** The sessions of a server: those whose connection broke wait for another one, for a while. */
class Sessions implements SessionOwner, Resumable {
  readonly #realm: Realm
  readonly #all = new Map<string, Session>()
  /** Those without a connection, with their timers, in the order in which they lost it. */
  readonly #out = new Map<Session, unknown>()
  /** Bytes that are kept for those. */
  #bytes = 0

  constructor(realm: Realm) {
    this.#realm = realm
  }

  get env(): Realm['env'] {
    return this.#realm.env
  }

  get time(): number {
    return this.#realm.time
  }

  /** A transport for the link of a peer that came over this connection. */
  of(connection: Transport): Transport {
    const isLasting = connection.traits.reconnects && this.#realm.limits.untrusted.resume > 0
    return isLasting ? new Session(connection, this) : connection
  }

  /** The session that a peer goes on with. Throws `expired` if it is not known, or of another peer. */
  readonly resumed = (id: string, peer: string): Resume => {
    const session = this.#all.get(id)
    if (!session || session.watcher?.peer !== peer) throw new ActorError('expired', 'the session is not known here')
    session.drop(new ActorError('unreachable', 'the peer connected anew'))
    return session.resume()
  }

  begun(session: Session): void {
    const known = this.#all.get(session.id)
    this.#all.set(session.id, session)
    known?.fail(new ActorError('protocol', 'another session has the same id'))
  }

  lost(session: Session, reason: ActorError): void {
    const { env, limits } = this.#realm
    const late = new ActorError('unreachable', 'the peer did not connect anew', { cause: reason })
    const ms = limits.untrusted.resume
    this.#out.set(
      session,
      env.setTimer(() => session.fail(late), ms, true),
    )
    session.tell({ reason, attempt: 0, at: env.now() + ms })
    this.kept(session.keptBytes)
  }

  found(session: Session): void {
    this.env.clearTimer(this.#out.get(session))
    if (this.#out.delete(session)) this.#bytes -= session.keptBytes
  }

  /** The oldest are given up if there are too many, or too much is kept for them. */
  kept(bytes: number): void {
    this.#bytes += bytes
    for (const session of this.#out.keys()) {
      if (this.#out.size <= MOST.sessions && this.#bytes <= MOST.bytes) return
      session.fail(new ActorError('unreachable', 'too many peers are not connected'))
    }
  }

  over(session: Session): void {
    this.found(session)
    if (this.#all.get(session.id) === session) this.#all.delete(session.id)
  }
}

/** For `listener`: links outlive their connections. */
export const sessions = (realm: Realm): Resumable => new Sessions(realm)
