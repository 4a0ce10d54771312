import type { Link } from '../link/link.js'
import type { Ref } from '../message/ref.js'
import type { Origin } from '../supervision/origin.js'

/** What answers the requests of a peer, as moves use it. */
export interface Requests {
  /** Spawns an actor for the peer; `start` starts it in place of the usual start. Rejects as that does. */
  spawn(link: Link, key: unknown, options: unknown, start?: Origin['start']): Promise<Ref>
  /** The actor that was handed out at that place. Throws `not-found`. */
  target(link: Link, index: unknown): Ref
}

/** What moves actors between realms. A realm has none until something brought it. */
export interface Moving {
  /** Answers what a peer asks that is no other request. Throws `not-found`. */
  answer(requests: Requests, link: Link, verb: string, args: readonly unknown[]): unknown
}
