import type { Link } from './link.js'
import type { Authorize, Grant } from './session/handshake.js'
import type { Rhythm } from './session/heartbeat.js'

export interface LinkOptions {
  /** Whether the peer came to us. */
  readonly incoming: boolean
  readonly token: string | undefined
  readonly authorize: Authorize | undefined
  /** Spawnable keys for a peer with this grant. */
  readonly actors: (grant: Grant) => readonly string[]
  /** Answers the peer's system requests. */
  readonly desk: (link: Link, verb: string, args: readonly unknown[]) => unknown
  /** What many links share, if they do: those on it hear each other themselves. */
  readonly medium?: object | undefined
  /** Both sides have consented. Called before anything else of the peer is read. */
  readonly opened: (link: Link) => void
  /** A trusted peer announced names. */
  readonly heard: (link: Link, news: unknown) => void
  /** How silence is judged, where it is watched more closely than the transport asks for. */
  readonly unresponsive?: Rhythm | undefined
  /** Whether the realm there is ours to end: a call that passes its deadline is reason to ask whether it lives. */
  readonly isOurs?: boolean
  /** A trusted peer handed a port over. */
  readonly introduced: (link: Link, introduction: unknown) => void
}
