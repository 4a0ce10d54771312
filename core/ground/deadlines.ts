import type { Env } from './env.js'
import { type Expiring, ExpiringList } from './expiring.js'
import { SharedTimeout } from './shared-timeout.js'

/** Something with a deadline of its own, in milliseconds of `env.now()`. */
export interface Deadlined extends Expiring {
  readonly deadline: number
}

/**
 * Every deadline of a realm behind one coarse timer, and another for each length that is a default.
 *
 * A deadline is never early and at most 8 ms or 1/64 of its length late: lengths are rounded up, so there
 * are few lists, each in order of expiry. Neither clock nor timer is touched for one that is added.
 */
export class Deadlines {
  readonly #env: Env
  readonly #lists = new Map<number, ExpiringList>()
  readonly #defaults = new Map<number, SharedTimeout>()
  #size = 0
  #timer: unknown
  #due = Infinity

  constructor(env: Env) {
    this.#env = env
  }

  get size(): number {
    let size = this.#size
    for (const timeout of this.#defaults.values()) size += timeout.size
    return size
  }

  /** `now` is a reading of `env.now()`. */
  add(item: Deadlined, now: number): void {
    const duration = roundUp(item.deadline - now)
    let list = this.#lists.get(duration)
    if (!list) this.#lists.set(duration, (list = new ExpiringList(this.#count)))
    list.add(item)
    if (now + duration < this.#due) this.#arm(now + duration)
  }

  /** For a length that many share, given to what has no time yet; nothing where that is forever. */
  addDefault(item: Deadlined, duration: number): void {
    if (duration === Infinity || item.deadline !== Infinity || item.list) return
    let timeout = this.#defaults.get(duration)
    if (!timeout) this.#defaults.set(duration, (timeout = new SharedTimeout(this.#env, duration)))
    timeout.add(item)
  }

  /** Forgets the timers; for the end of the realm. */
  stop(): void {
    this.#arm(Infinity)
    for (const timeout of this.#defaults.values()) timeout.stop()
  }

  readonly #count = (change: 1 | -1): void => {
    this.#size += change
    // The timer stays for the next one, but keeps a process alive only while somebody waits.
    const isHeld = change > 0
    if (this.#size === (isHeld ? 1 : 0)) this.#env.holdTimer(this.#timer, isHeld)
  }

  #arm(due: number): void {
    this.#env.clearTimer(this.#timer)
    this.#due = due
    this.#timer = due === Infinity ? undefined : this.#env.setTimer(this.#late, Math.max(0, due - this.#env.now()))
  }

  /** What has come while the thread was busy is read first: it may be the answer. */
  readonly #late = (): void => this.#env.defer(this.#fire)

  readonly #fire = (): void => {
    if (this.#due === Infinity) return
    const now = this.#env.now()
    let next = Infinity
    // What expires may add deadlines of its own.
    this.#due = Infinity
    for (const list of this.#lists.values()) {
      let first = list.first as Deadlined | undefined
      for (; first && first.deadline <= now; first = list.first as Deadlined | undefined) {
        list.remove(first)
        first.expire()
      }
      if (first) next = Math.min(next, first.deadline)
    }
    if (this.#size === 0) this.#lists.clear()
    this.#arm(Math.min(next, this.#due))
  }
}

/** Up to a multiple of 8 ms, or of 1/64 to 1/128 of the length. */
function roundUp(duration: number): number {
  let grain = 8
  while (grain * 128 < duration) grain *= 2
  return Math.max(1, Math.ceil(duration / grain)) * grain
}
