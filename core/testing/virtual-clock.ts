import { type Env, platformEnv } from '../ground/env.js'
import { seeded } from './random/dice.js'

interface Timer {
  readonly at: number
  readonly order: number
  readonly fn: () => void
}

/** An `env` for tests, whose time moves only by `advance`. */
export interface VirtualClock extends Env {
  /**
   * Moves the time by `ms`. Timers that are due run in order, each at its own time. Resolves when the work that they
   * cause is done.
   */
  advance(ms: number): Promise<void>
  /** Timers that are set. */
  readonly timers: number
}

/** Makes an `env` whose time moves only by `advance`. With the same seed, random numbers and ids are the same. */
export function virtualClock(seed = 1): VirtualClock {
  const timers = new Set<Timer>()
  let now = 0
  let order = 0
  const random = seeded(seed)
  const due = (until: number): Timer | undefined => {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.at <= until && (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)))
        next = timer
    }
    return next
  }
  return {
    now: () => now,
    date: () => now,
    setTimer(fn, ms) {
      const timer = { at: now + Math.max(0, ms), order: order++, fn }
      timers.add(timer)
      return timer
    },
    clearTimer: (timer) => void timers.delete(timer as Timer),
    holdTimer: () => {},
    random,
    id: () => Array.from({ length: 22 }, () => Math.floor(random() * 36).toString(36)).join(''),
    defer: platformEnv.defer,
    get timers() {
      return timers.size
    },
    async advance(ms) {
      const until = now + ms
      await quiet()
      for (let timer = due(until); timer; timer = due(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.fn()
        await quiet()
      }
      now = until
      await quiet()
    },
  }
}

/** A task of its own comes after every microtask that is queued, and those that they queue. */
const quiet = (): Promise<void> => new Promise((resolve) => platformEnv.defer(resolve))
