import type { Terminated } from './realm-events.js'

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
