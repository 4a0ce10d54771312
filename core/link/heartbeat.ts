import type { Env } from '../env.js'

/**
 * Notices a peer that went silent: after an interval without any frame it asks for one, after two it gives up.
 * A tick that comes late (a frozen page, a busy thread) judges nobody: it asks and waits one full interval.
 */
export class Heartbeat {
  readonly #env: Env
  readonly #interval: number
  readonly #ask: () => void
  readonly #dead: () => void
  #timer: unknown
  #due = 0
  #misses = 0

  constructor(env: Env, interval: number, ask: () => void, dead: () => void) {
    this.#env = env
    this.#interval = interval
    this.#ask = ask
    this.#dead = dead
    this.#arm()
  }

  /** A frame came. */
  heard(): void {
    this.#misses = 0
  }

  stop(): void {
    this.#env.clearTimer(this.#timer)
  }

  #arm(): void {
    this.#due = this.#env.now() + this.#interval
    this.#timer = this.#env.setTimer(() => this.#tick(), this.#interval, true)
  }

  #tick(): void {
    const late = this.#env.now() - this.#due > this.#interval / 2
    if (late) this.#misses = 1
    else if (++this.#misses > 2) return this.#dead()
    this.#arm()
    this.#ask()
  }
}
