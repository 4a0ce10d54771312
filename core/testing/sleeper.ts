import type { Env } from '../ground/env.js'
import type { VirtualClock } from './virtual-clock.js'

interface Timer {
  readonly fn: () => void
  /** When it is due, on the clock of the sleeper. */
  readonly at: number
  handle: unknown
}

/**
 * The `env` of a realm whose machine can sleep: until it wakes, none of its timers run. Then those that are due are late, or, if
 * the clock stands still in sleep as some do, they come as much later.
 */
export class Sleeper implements Env {
  readonly #clock: VirtualClock
  readonly #standsStill: boolean
  readonly #timers = new Set<Timer>()
  #slept = 0
  /** When it fell asleep, on the clock of all. */
  #since: number | undefined

  constructor(clock: VirtualClock, standsStill: boolean) {
    this.#clock = clock
    this.#standsStill = standsStill
  }

  sleep(): void {
    this.#since = this.#clock.now()
    for (const { handle } of this.#timers) this.#clock.clearTimer(handle)
  }

  wake(): void {
    if (this.#since === undefined) return
    if (this.#standsStill) this.#slept += this.#clock.now() - this.#since
    this.#since = undefined
    for (const timer of this.#timers) this.#set(timer)
  }

  now(): number {
    return this.#clock.now() - this.#slept
  }

  date(): number {
    return this.#clock.now()
  }

  setTimer(fn: () => void, ms: number): unknown {
    const timer: Timer = { fn, at: this.now() + ms, handle: undefined }
    this.#timers.add(timer)
    if (this.#since === undefined) this.#set(timer)
    return timer
  }

  clearTimer(timer: unknown): void {
    this.#timers.delete(timer as Timer)
    this.#clock.clearTimer((timer as Timer | undefined)?.handle)
  }

  holdTimer(): void {}

  random(): number {
    return this.#clock.random()
  }

  id(): string {
    return this.#clock.id()
  }

  defer(fn: () => void): void {
    this.#clock.defer(fn)
  }

  #set(timer: Timer): void {
    timer.handle = this.#clock.setTimer(() => {
      this.#timers.delete(timer)
      timer.fn()
    }, timer.at - this.now())
  }
}
