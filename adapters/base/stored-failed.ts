import { ActorError } from '../../core/adapter.js'

/**
 * What a store rejects with: `stored-failed`, with the error of the platform as its cause. `ran` is `'no'` where the records
 * are certainly as they were, and `'maybe'` where a commit may have been made.
 */
export function storedFailed(cause: unknown, ran: 'no' | 'maybe' = 'no'): ActorError {
  if (cause instanceof ActorError) return cause
  // The error of the platform by its name and text, such as `QuotaExceededError: …`.
  return new ActorError('stored-failed', 'the store failed: ' + String(cause), { ran, cause })
}

/** What calls reject with after `close`. */
export const storeClosed = (): ActorError => new ActorError('stored-failed', 'the store is closed')

/** What a call rejects with that waited for `timeout` milliseconds while others held the store. */
export const storeHeld = (timeout: number, ran: 'no' | 'maybe', cause?: unknown): ActorError =>
  new ActorError('stored-failed', `others held the store for ${timeout} ms`, { ran, cause })

/** What a call rejects with for which a server gave no answer for `timeout` milliseconds. */
export const storeAway = (timeout: number, ran: 'no' | 'maybe', cause?: unknown): ActorError =>
  new ActorError('stored-failed', `the server of the store did not answer for ${timeout} ms`, { ran, cause })
