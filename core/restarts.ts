import type { Env } from './env.js'

/** So many in such a time, in milliseconds; after that it is given up. */
const MOST = 5
const WITHIN = 10_000
/** Longest wait before the second, doubled for each one more. */
const BACKOFF = 50

/** How often, and after which wait, something may be started again. */
export class Restarts {
  readonly #env: Env
  #times: number[] = []

  constructor(env: Env) {
    this.#env = env
  }

  /** Milliseconds to wait before the next one; undefined once there were too many. */
  next(): number | undefined {
    const now = this.#env.now()
    this.#times = this.#times.filter((time) => now - time < WITHIN)
    const before = this.#times.length
    if (before >= MOST) return undefined
    this.#times.push(now)
    return before === 0 ? 0 : BACKOFF * 2 ** (before - 1) * (0.5 + this.#env.random() / 2)
  }
}
