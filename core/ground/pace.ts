import type { Env } from './env.js'

/** Milliseconds of work until timers and input get their turn. */
const TURN = 8
/** Pieces of work between two looks at the clock, at most. */
const MOST = 32

/** How many pieces of work take about a millisecond, where `count` of them took `ms`: more if they were quick. */
export const nextCount = (count: number, ms: number, most: number): number =>
  ms > 1 ? Math.max(1, Math.floor(count / ms)) : Math.min(most, count * 2)

/** Tells when a turn has lasted long enough. Looks at the clock after each piece of work that is slow, and seldom else. */
export class Pace {
  /** The time at the last look. */
  now = 0
  /** Whether the turn has lasted long enough. */
  isOver = false
  readonly #env: Pick<Env, 'now'>
  #used = 0
  #left = 1
  #count = 1
  /** Whether all since the last look was work. */
  #isKnown = false

  constructor(env: Pick<Env, 'now'>) {
    this.#env = env
  }

  /** A turn begins. */
  begin(): void {
    this.#used = 0
    this.isOver = false
    this.now = this.#env.now()
    this.#isKnown = true
  }

  /** Work goes on, at least `pieces` of it: what was between is not counted. After a pause, a turn has begun by itself. */
  resume(pieces: number): void {
    this.#isKnown = this.#left <= pieces
    if (!this.#isKnown) return
    const now = this.#env.now()
    if (now - this.now > TURN) this.#used = 0
    this.now = now
  }

  /** A piece of work is done. Returns whether it was time to look at the clock. */
  worked(): boolean {
    if (--this.#left > 0) return false
    const now = this.#env.now()
    const took = this.#isKnown ? now - this.now : 0
    this.#used += took
    this.#count = nextCount(this.#count, took, MOST)
    this.#left = this.#count
    this.isOver = this.#used >= TURN
    this.now = now
    this.#isKnown = true
    return true
  }
}
