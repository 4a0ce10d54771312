import type { Env } from './env.js'
import { ActorError } from './errors.js'
import { isAmount } from './milliseconds.js'

/** How often something is restarted, and after which delay. Times are in milliseconds. */
export interface Intensity {
  /**
   * Restarts within `within`, and attempts at one of them. One more failure ends it with `escalated`. 5 unless given.
   */
  readonly max?: number
  /** Length of the window in which restarts are counted. 10,000 unless given. */
  readonly within?: number
  /**
   * Longest delay before the second restart in a window; it doubles with each further one. The first has no delay. 50
   * unless given.
   */
  readonly backoff?: number
  /** Longest delay. 10,000 unless given. */
  readonly longest?: number
}

/** Counts restarts: how many are left within the window, and how long to wait before the next one. */
export interface Restarts {
  readonly max: number
  readonly within: number
  /** All that there ever were. */
  readonly total: number
  /** Milliseconds to wait before the next one; undefined once there were too many. */
  next(): number | undefined
}

/** Throws `malformed`. */
export function restartsOf(env: Env, intensity: Intensity = {}): Restarts {
  const { max = 5, within = 10_000, backoff = 50, longest = 10_000 } = Object(intensity) as Intensity
  if (Object(intensity) !== intensity || ![max, within, backoff, longest].every(isAmount)) {
    const text = "'restart' takes { max, within, backoff, longest }, each a number of 0 or more"
    throw new ActorError('malformed', text)
  }
  let times: number[] = []
  let total = 0
  return {
    max,
    within,
    get total() {
      return total
    },
    next() {
      const now = env.now()
      times = times.filter((time) => now - time < within)
      const before = times.length
      if (before >= max) return undefined
      times.push(now)
      total++
      if (before === 0) return 0
      const wait = Math.min(longest, backoff * 2 ** (before - 1))
      // Half of it by chance: those that failed together do not come back together.
      return wait * (0.5 + env.random() / 2)
    },
  }
}
