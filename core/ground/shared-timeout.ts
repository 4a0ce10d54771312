import type { Env } from './env.js'
import { type Expiring, ExpiringList } from './expiring.js'

/** Ticks in a duration; one of them is the error. */
const TICKS = 32

/**
 * One and the same deadline for many, without a look at the clock for each.
 *
 * A tick starts a new list; the list that is `TICKS` old expires. So it is never early and at most 1/32 late, or as many
 * milliseconds as there are ticks; and a process that was stopped for a while judges nobody for it: it has missed ticks.
 */
export class SharedTimeout {
  readonly #env: Env
  readonly #interval: number
  #lists: ExpiringList[] = []
  #size = 0
  #timer: unknown

  constructor(env: Env, duration: number) {
    this.#env = env
    // Platforms cut what is behind the point.
    this.#interval = Math.ceil(duration / TICKS)
  }

  get size(): number {
    return this.#size
  }

  add(item: Expiring): void {
    if (this.#lists.length === 0) this.#tick()
    this.#lists.at(-1)!.add(item)
  }

  /** Forgets the timer; for the end of the realm. */
  stop(): void {
    this.#env.clearTimer(this.#timer)
    this.#timer = undefined
    this.#lists = []
  }

  readonly #count = (change: 1 | -1): void => {
    this.#size += change
    // The timer keeps a process alive only while somebody waits.
    const isHeld = change > 0
    if (this.#size === (isHeld ? 1 : 0)) this.#env.holdTimer(this.#timer, isHeld)
  }

  readonly #tick = (): void => {
    if (this.#size === 0 && this.#lists.length > 0) return this.stop()
    this.#timer = this.#env.setTimer(this.#tick, this.#interval, this.#size === 0)
    this.#lists.push(new ExpiringList(this.#count))
    if (this.#lists.length <= TICKS + 1) return
    const expired = this.#lists.shift()!
    while (expired.first) {
      const item = expired.first
      expired.remove(item)
      item.expire()
    }
  }
}
