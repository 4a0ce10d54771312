import type { Env } from './env.js'

/** Something that expires once unless removed first. */
export interface Expiring {
  bucket: Set<Expiring> | undefined
  expire(): void
}

/**
 * Every deadline of a realm behind one coarse timer.
 *
 * A deadline is never early and at most 8 ms or 1/64 of its length late: entries that fall into the
 * same stretch of time share a bucket, so adding and removing cost one Set operation each.
 */
export class Deadlines {
  readonly #env: Env
  readonly #buckets = new Map<number, Set<Expiring>>()
  #timer: unknown
  #due = Infinity

  constructor(env: Env) {
    this.#env = env
  }

  get size(): number {
    let size = 0
    for (const bucket of this.#buckets.values()) size += bucket.size
    return size
  }

  /** `at` is absolute, in `env.now()` milliseconds. */
  add(item: Expiring, at: number): void {
    let grain = 8
    while (grain * 128 < at - this.#env.now()) grain *= 2
    const due = Math.ceil(at / grain) * grain
    let bucket = this.#buckets.get(due)
    if (!bucket) this.#buckets.set(due, (bucket = new Set()))
    bucket.add(item)
    item.bucket = bucket
    if (due < this.#due) this.#arm(due)
  }

  remove(item: Expiring): void {
    const bucket = item.bucket
    if (!bucket) return
    item.bucket = undefined
    bucket.delete(item)
    if (bucket.size === 0 && this.size === 0) {
      this.#buckets.clear()
      this.#arm(Infinity)
    }
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
    const expired: Expiring[] = []
    for (const [due, bucket] of this.#buckets) {
      if (due <= now) {
        this.#buckets.delete(due)
        expired.push(...bucket)
      } else if (due < next) next = due
    }
    this.#timer = undefined
    this.#arm(next)
    for (const item of expired) {
      item.bucket = undefined
      item.expire()
    }
  }
}
