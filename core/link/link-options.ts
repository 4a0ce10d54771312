import type { Link } from './link.js'
import type { Authorize, Grant, Resume } from './session/handshake.js'
import type { Rhythm } from './session/heartbeat.js'
import type { Intake, Paced } from './session/intake.js'
import type { SharedKey } from './session/shared-key.js'

/** How a link came about, and what it is for. */
export interface LinkOptions {
  /** Answers for this side. */
  readonly requestHandler: {
    readonly offer: {
      readonly authorize?: Authorize
      /** The secret that this side and its peer prove to each other, if any. */
      readonly key?: SharedKey | undefined
      /** The version of the application here. */
      readonly version?: string
      /** Ends this realm for the peer, if it can. */
      readonly ends?: unknown
    }
    /** Throws `version` if that of a peer does not fit. */
    checkVersion(peer: string, theirs: string | undefined): void
    /** Spawnable keys for a peer with this grant. */
    keys(grant: Grant): readonly string[]
    /** Answers the peer's system requests. */
    answer(link: Link, verb: string, args: readonly unknown[]): unknown
  }
  /** Whether the peer came to us. */
  readonly incoming?: boolean
  readonly token?: string | undefined
  /** What the link is for where it only brings a session another connection. */
  readonly resume?: Resume | undefined
  /** Finds the session that a peer goes on with. Throws `expired` if there is none. */
  readonly resumed?: ((id: string, peer: string) => Resume) | undefined
  /** Makes what takes in the payloads of a peer that is not trusted, at a pace. */
  readonly intake?: ((link: Paced) => Intake) | undefined
  /** What many links share, if they do: those on it hear each other themselves. */
  readonly medium?: object | undefined
  /** Whether the realm there is ours to end: a call that passes its deadline is reason to ask whether it lives. */
  readonly isOurs?: boolean
  /** How silence is judged, where it is watched more closely than the transport asks for. */
  readonly unresponsive?: Rhythm | undefined
}
