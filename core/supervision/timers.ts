import type { Env } from '../ground/env.js'

/** What goes on by itself in an actor: periodic work, limits and waits. All of it ends at once. */
export class Timers {
  readonly #env: Env
  readonly #undos = new Set<() => void>()

  constructor(env: Env) {
    this.#env = env
  }

  get size(): number {
    return this.#undos.size
  }

  clear(): void {
    for (const undo of this.#undos) undo()
  }

  /** Calls `work` after `ms`. Returns its undo. `undone` is called by that, when all ends, and before `work`. */
  after(ms: number, work: () => void, undone?: () => void): () => void {
    const run = (): void => {
      undo()
      work()
    }
    const timer = this.#env.setTimer(run, ms)
    const undo = this.#add(() => {
      this.#env.clearTimer(timer)
      undone?.()
    })
    return undo
  }

  /** Calls `work` every `ms`. Returns its undo. */
  every(ms: number, work: () => void): () => void {
    const tick = (): void => {
      timer = arm()
      work()
    }
    const arm = (): unknown => this.#env.setTimer(tick, ms, true)
    let timer = arm()
    return this.#add(() => this.#env.clearTimer(timer))
  }

  /** Resolves after `ms`, or when all ends. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve, resolve))
  }

  /** Resolves when `work` is done, after `ms` at the latest, or when all ends. */
  async within(ms: number, work: Promise<void>): Promise<void> {
    let undo!: () => void
    const late = new Promise<void>((resolve) => (undo = this.after(ms, resolve, resolve)))
    await Promise.race([work, late])
    undo()
  }

  #add(cancel: () => void): () => void {
    const undo = (): void => {
      if (this.#undos.delete(undo)) cancel()
    }
    this.#undos.add(undo)
    return undo
  }
}
