import { ActorError, asActorError, type ErrorCode } from '../ground/errors.js'
import type { Restarts } from '../ground/restarts.js'
import type { Peers } from './peers.js'

/** Why a link ended that no further attempt would change. */
export const FINAL = new Set<ErrorCode>(['stopped', 'unauthorized', 'version', 'origin', 'id-in-use'])
/** Why an attempt failed that no further one would change. */
export const HOPELESS = new Set<ErrorCode>([...FINAL, 'malformed'])

/**
 * Tries until it works, or returns why it was given up: too often, or because nobody wants it any more. One outage has as
 * many attempts as a window, since each may last longer than that.
 */
export async function again<T>(
  peers: Peers,
  attempt: () => Promise<T>,
  restarts: Restarts,
  isOver: () => boolean,
  /** Why it is tried. */
  lost: ActorError,
  /** Called before the wait for each attempt, which is counted from 1. */
  next?: (attempt: number, delay: number) => void,
  /** Whether the waits keep the process alive. */
  isHeld = true,
): Promise<T | ActorError> {
  const { realm } = peers
  const { max, within } = restarts
  let last = lost
  realm.returning++
  try {
    for (let attempts = 1; attempts <= max; attempts++) {
      const delay = restarts.next()
      if (delay === undefined) break
      next?.(attempts, delay)
      if (delay > 0) await peers.wait(delay, undefined, isHeld)
      if (isOver() || realm.closed) return new ActorError('stopped', 'the link was closed')
      try {
        return await attempt()
      } catch (error) {
        last = asActorError(error, 'unreachable', 'the peer did not come back')
        if (HOPELESS.has(last.code)) return last
      }
    }
    return new ActorError(
      'escalated',
      `the peer ended more than ${max} times within ${within} ms, or did not come back in ${max} attempts`,
      { cause: last },
    )
  } finally {
    realm.returning--
  }
}
