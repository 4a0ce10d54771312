import type { ActorError } from '../ground/errors.js'

/** Milliseconds for which a store that failed is tried again, and how long between two attempts. */
const PATIENCE = 30_000
const FIRST = 50
const LONGEST = 2_000

/** Where time is told, and waited for. */
interface Clock {
  now(): number
  pause(ms: number): Promise<void>
}

/** Tries until it succeeds: a store that failed may be well again soon. Rejects with what is no failure of a store at once. */
export async function patiently(clock: Clock, attempt: () => Promise<void>, isOver: () => boolean): Promise<void> {
  const until = clock.now() + PATIENCE
  for (let wait = FIRST; ; wait = Math.min(wait * 2, LONGEST)) {
    try {
      return await attempt()
    } catch (error) {
      // Without a cause, it is what is stored that is wrong.
      if ((error as ActorError).cause === undefined || clock.now() + wait > until || isOver()) throw error
    }
    await clock.pause(wait)
  }
}
