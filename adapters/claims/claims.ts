import { ActorError } from '../../core/adapter.js'

/** Milliseconds that a call waits while the server can't be reached. */
export const TIMEOUT = 10_000

/** A name that somebody has. */
export interface Claim {
  readonly name: string
  /** A number that is larger than those of all who had the name before. */
  readonly token: number
  /** What the holder wrote. */
  readonly value: string
}

/** The answer to a claim: whether it was granted, and who has the name now. */
export interface Answer {
  readonly isGranted: boolean
  readonly claim: Claim
}

/**
 * Names that one holder has at a time, for as long as it renews its lease. The server judges by its own clock. An adapter makes
 * it of a client.
 *
 * Each function rejects after `timeout` milliseconds without an answer: with `unreachable` if nothing was changed, and with
 * `unknown` if it may have been.
 */
export interface Claims {
  /** Milliseconds after which a claim ends that is not renewed. */
  readonly lease: number
  /** Takes a name that is free, and renews what was claimed with this `id` before. */
  claim(name: string, id: string, value: string, timeout: number): Promise<Answer>
  /** Lets the leases of these begin anew. Resolves to whether each is still held: one that is not stays as it is. */
  renew(claims: readonly Claim[], timeout: number): Promise<readonly boolean[]>
  /** Gives a name back. Resolves to whether it was held: if not, nothing changes. */
  release(claim: Claim, timeout: number): Promise<boolean>
  /** Who has a name. */
  find(name: string, timeout: number): Promise<Claim | undefined>
  /** All names that somebody has. */
  list(timeout: number): Promise<readonly Claim[]>
}

/** What a call rejects with that had no answer. */
export function serverAway(timeout: number, ran: 'no' | 'maybe', cause: unknown): ActorError {
  const text = `the server did not answer for ${Math.round(timeout)} ms`
  return new ActorError(ran === 'no' ? 'unreachable' : 'unknown', text, { cause })
}
