import type { Env } from './env.js'

/** Something that expires once unless removed first. The fields are the list's own. */
export interface Expiring {
  due: number
  list: Deadline | undefined
  earlier: Expiring | undefined
  later: Expiring | undefined
  expire(): void
}

/** Those that were given the same time, in the order in which they fall due. */
interface Deadline {
  readonly duration: number
  first: Expiring | undefined
  last: Expiring | undefined
}

/**
 * Every deadline of a realm behind one coarse timer.
 *
 * A deadline is never early and at most 8 ms or 1/64 of its length late. Lengths are rounded up, so there
 * are few lists, each in order: adding and removing relink neighbours and touch neither clock nor timer.
 */
export class Deadlines {
  size = 0
  readonly #env: Env
  readonly #lists = new Map<number, Deadline>()
  #recent: Deadline | undefined
  #timer: unknown
  #due = Infinity

  constructor(env: Env) {
    this.#env = env
  }

  /** `at` and `now` are in milliseconds of `env.now()`. */
  add(item: Expiring, at: number, now: number): void {
    const list = this.#listOf(roundUp(at - now))
    item.due = now + list.duration
    item.list = list
    item.earlier = list.last
    if (list.last) list.last.later = item
    else list.first = item
    list.last = item
    if (item.due < this.#due) this.#arm(item.due)
    if (this.size++ === 0) this.#env.holdTimer(this.#timer, true)
  }

  remove(item: Expiring): void {
    const { list, earlier, later } = item
    if (!list) return
    if (earlier) earlier.later = later
    else list.first = later
    if (later) later.earlier = earlier
    else list.last = earlier
    item.list = item.earlier = item.later = undefined
    // The timer stays for the next one, but keeps nothing alive.
    if (--this.size === 0) this.#env.holdTimer(this.#timer, false)
  }

  /** Forgets the timer; for the end of the realm. */
  stop(): void {
    this.#arm(Infinity)
  }

  #listOf(duration: number): Deadline {
    if (this.#recent?.duration === duration) return this.#recent
    let list = this.#lists.get(duration)
    if (!list) this.#lists.set(duration, (list = { duration, first: undefined, last: undefined }))
    return (this.#recent = list)
  }

  #arm(due: number): void {
    if (this.#timer !== undefined) this.#env.clearTimer(this.#timer)
    this.#due = due
    this.#timer =
      due === Infinity ? undefined : this.#env.setTimer(() => this.#fire(), Math.max(0, due - this.#env.now()))
  }

  #fire(): void {
    const now = this.#env.now()
    let next = Infinity
    this.#timer = undefined
    for (const list of this.#lists.values()) {
      while (list.first && list.first.due <= now) {
        const item = list.first
        this.remove(item)
        item.expire()
      }
      if (list.first) next = Math.min(next, list.first.due)
    }
    this.#arm(next)
    if (this.size === 0) this.#lists.clear()
  }
}

/** Up to a multiple of 8 ms, or of 1/64 to 1/128 of the length. */
function roundUp(duration: number): number {
  let grain = 8
  while (grain * 128 < duration) grain *= 2
  return Math.max(1, Math.ceil(duration / grain)) * grain
}
