import { type Env, queueMicrotask } from '../ground/env.js'
import { Pace } from '../ground/pace.js'

/** Something with work to do now; runs until its work is done, it waits, or it has had its turn. */
export interface Runnable {
  run(): void
}

/** After so many turns in one go, timers and input get theirs. */
const TURNS = 4_096

/** What the queue needs of its realm. */
interface Home {
  readonly env: Env
  time: number
  report(error: unknown, about: string): void
}

/**
 * The realm's one queue of actors with messages: no promise and no task per message. After some milliseconds of work,
 * timers and input get their turn.
 */
export class RunQueue {
  readonly #home: Home
  readonly #pace: Pace
  #ready: Runnable[] = []
  #scheduled = false
  #turns = 0
  #isDeferred = false

  constructor(home: Home) {
    this.#home = home
    this.#pace = new Pace(home.env)
  }

  /** Whether this turn has lasted long enough. */
  get isOver(): boolean {
    return this.#pace.isOver
  }

  /** Whether no actor has work to do. */
  get isIdle(): boolean {
    return this.#ready.length === 0
  }

  /** A message was handled. Returns whether this turn has lasted long enough. */
  handled(): boolean {
    if (!this.#pace.worked()) return false
    this.#home.time = this.#pace.now
    // The next task may begin anew.
    if (this.isOver) this.#defer()
    return this.isOver
  }

  push(runnable: Runnable): void {
    this.#ready.push(runnable)
    if (this.#scheduled) return
    this.#scheduled = true
    if (this.#turns < TURNS && !this.isOver) queueMicrotask(this.#drain)
    else this.#defer()
  }

  /** Runs what is ready now: input must not outrun the work that it brings. */
  pump(): void {
    if (this.#ready.length === 0) return
    this.#begin()
    this.#run()
  }

  readonly #drain = (): void => {
    this.#run()
    this.#scheduled = this.#ready.length > 0
    if (this.#scheduled) this.#defer()
  }

  #defer(): void {
    if (this.#isDeferred) return
    this.#isDeferred = true
    this.#home.env.defer(this.#next)
  }

  /** Timers and input had their turn. */
  readonly #next = (): void => {
    this.#isDeferred = false
    this.#begin()
    this.#drain()
  }

  #begin(): void {
    this.#turns = 0
    this.#pace.begin()
  }

  #run(): void {
    this.#pace.resume(this.#ready.length)
    while (this.#ready.length > 0 && this.#turns < TURNS && !this.isOver) {
      const ready = this.#ready
      this.#ready = []
      let ran = 0
      while (ran < ready.length && !this.isOver) this.#turn(ready[ran++]!)
      this.#turns += ran
      if (ran < ready.length) this.#ready = [...ready.slice(ran), ...this.#ready]
    }
  }

  #turn(runnable: Runnable): void {
    try {
      runnable.run()
    } catch (error) {
      // The others go on.
      this.#home.report(error, 'an actor')
    }
  }
}
