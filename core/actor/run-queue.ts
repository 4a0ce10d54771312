import { type Env, queueMicrotask } from '../ground/env.js'

/** Something with work to do now; runs until its work is done, it waits, or it has had its turn. */
export interface Runnable {
  run(): void
}

/** After so many turns in one go, timers and input get theirs. */
const TURNS = 4_096

/** The realm's one queue of actors with messages: no promise and no task per message. */
export class RunQueue {
  readonly #env: Env
  readonly #failed: (error: unknown) => void
  #ready: Runnable[] = []
  #scheduled = false
  #turns = 0

  /** `failed` hears of what one of them throws: the others go on. */
  constructor(env: Env, failed: (error: unknown) => void) {
    this.#env = env
    this.#failed = failed
  }

  push(runnable: Runnable): void {
    this.#ready.push(runnable)
    if (this.#scheduled) return
    this.#scheduled = true
    if (this.#turns < TURNS) return queueMicrotask(this.#drain)
    this.#turns = 0
    this.#env.defer(this.#drain)
  }

  /** Runs what is ready now: input must not outrun the work that it brings. */
  pump(): void {
    if (this.#ready.length === 0) return
    this.#turns = 0
    this.#run()
  }

  readonly #drain = (): void => {
    this.#run()
    this.#scheduled = this.#ready.length > 0
    if (!this.#scheduled) return
    this.#turns = 0
    this.#env.defer(this.#drain)
  }

  #run(): void {
    while (this.#ready.length > 0 && this.#turns < TURNS) {
      const ready = this.#ready
      this.#ready = []
      this.#turns += ready.length
      for (const runnable of ready) {
        try {
          runnable.run()
        } catch (error) {
          this.#failed(error)
        }
      }
    }
  }
}
