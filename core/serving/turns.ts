import { type Env, queueMicrotask } from '../ground/env.js'
import { nextCount } from '../ground/pace.js'

/** Milliseconds of a turn, and of the turns until timers and input get theirs. */
const TURN = 2
const PASS = 4
/** Pieces of work between two looks at the clock, at most. */
const MOST = 1_024
/** Milliseconds for which one counts that had little to do. */
const LATELY = 1_000
/** Milliseconds that one rests at most. */
const LONGEST = 100

/** Something whose turn it may be. */
export interface Taker {
  /** Whether there is something to do. */
  readonly hasMore: boolean
  /** Pieces of work that take about a millisecond. */
  pieces: number
  /** Milliseconds that it used lately. */
  used: number
  /** When it used them. */
  usedAt: number
  /** Milliseconds that it rests for each that it used, beside others with little to do. */
  readonly rests: number
  /** Does so many pieces of work, or all. */
  work(pieces: number, now: number): void
  /** Its turn ended with nothing left to do. */
  rest(): void
}

/** What turns need of their realm. */
interface Home {
  readonly env: Env
  readonly queue: { readonly isIdle: boolean } | undefined
}

/**
 * Lets many peers have what they sent handled in turns of some milliseconds each, so that a busy one keeps nobody waiting for
 * long. One that used its turn rests while there are others with little to do, who find nobody at work then more often than not.
 * What a piece of work brings is done in microtasks, and counts. Nothing more is taken in while actors are busy.
 */
export class Turns {
  readonly #home: Home
  readonly #waiting: Taker[] = []
  #isDeferred = false
  /** Set while all who wait rest. */
  #timer: unknown
  /** Who last had little to do, and when; and when another one had. */
  #light: Taker | undefined
  #lightAt = -Infinity
  #otherAt = -Infinity
  /** Whose turn it is. */
  #current: Taker | undefined
  #isBusy = false
  /** The last look at the clock. */
  #now = 0
  /** How many of those who wait still get their turn in this pass, and when it ends. */
  #left = 0
  #end = 0

  constructor(home: Home) {
    this.#home = home
  }

  /** There is something to do, and was nothing before: it is done now, unless the turn is used up. */
  ask(taker: Taker, now: number): void {
    taker.used = Math.max(0, taker.used - (now - taker.usedAt) / Math.max(1, taker.rests))
    taker.usedAt = now
    if (!this.#current && taker.used < TURN) return this.#begin(taker, now)
    this.#waiting.push(taker)
    if (!this.#current) this.#defer(now)
  }

  leave(taker: Taker): void {
    const place = this.#waiting.indexOf(taker)
    if (place >= 0) this.#waiting.splice(place, 1)
  }

  #begin(taker: Taker, now: number): void {
    this.#current = taker
    this.#now = now
    this.#step(taker)
  }

  #step(taker: Taker): void {
    // While actors are busy, only so much that nobody is left out: what waits here can still be given up in time.
    this.#isBusy = this.#home.queue?.isIdle === false
    try {
      taker.work(this.#isBusy ? 1 : taker.pieces, this.#now)
    } finally {
      queueMicrotask(this.#worked)
    }
  }

  /** What the pieces of work brought is done, as far as that needs no task of its own. */
  readonly #worked = (): void => {
    const { env, queue } = this.#home
    const taker = this.#current!
    const now = env.now()
    const took = now - this.#now
    this.#now = taker.usedAt = now
    taker.used += took
    // One frame beside busy actors says nothing of how many would be quick.
    if (took > 1 || !this.#isBusy) taker.pieces = nextCount(taker.pieces, took, MOST)
    if (taker.hasMore && taker.used < TURN && queue?.isIdle !== false) return this.#step(taker)
    this.#current = undefined
    if (taker.hasMore) this.#waiting.push(taker)
    else {
      taker.rest()
      if (taker.used < TURN) this.#noteLight(taker, now)
    }
    this.#next(now)
  }

  readonly #pass = (): void => {
    const now = this.#home.env.now()
    this.#isDeferred = false
    // It cannot be the turn of anyone: what comes after a task comes after its microtasks.
    this.#left = this.#waiting.length
    this.#end = now + PASS
    this.#next(now)
  }

  #next(now: number): void {
    while (this.#left > 0 && now < this.#end) {
      this.#left--
      const taker = this.#waiting.shift()
      if (!taker) break
      if (this.#restOf(taker, now) < 1) {
        taker.used = 0
        return this.#begin(taker, now)
      }
      this.#waiting.push(taker)
    }
    this.#left = 0
    this.#defer(now)
  }

  #noteLight(taker: Taker, now: number): void {
    if (taker !== this.#light) {
      this.#light = taker
      this.#otherAt = this.#lightAt
    }
    this.#lightAt = now
  }

  /** Milliseconds until it may have a turn. */
  #restOf(taker: Taker, now: number): number {
    const at = taker === this.#light ? this.#otherAt : this.#lightAt
    if (now - at >= LATELY) return 0
    return Math.min(taker.used * taker.rests, LONGEST) - (now - taker.usedAt)
  }

  /** The next pass is when the first of those who wait has rested. */
  #defer(now: number): void {
    if (this.#isDeferred || this.#waiting.length === 0) return
    const { env } = this.#home
    let rest = LONGEST
    for (const taker of this.#waiting) rest = Math.min(rest, this.#restOf(taker, now))
    env.clearTimer(this.#timer)
    if (rest < 1) {
      this.#isDeferred = true
      env.defer(this.#pass)
    } else this.#timer = env.setTimer(this.#pass, Math.ceil(rest), true)
  }
}
