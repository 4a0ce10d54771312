/** One frame of the page, in milliseconds on the clock of `performance.now()`. */
export interface Frame {
  readonly end: number
  readonly took: number
}

/** The longest frame since a moment. */
export interface Watch {
  longest: number
}

/** Milliseconds for which frames are kept. */
export const KEPT = 6_000

/** Records how long the frames of the page take, while it is visible. */
export class Frames {
  /** Those of the last seconds, the oldest first. */
  readonly recent: Frame[] = []
  readonly #listeners: ((now: number) => void)[] = []
  #watch: Watch = { longest: 0 }
  #last: number | undefined

  constructor() {
    // A hidden page has no frames.
    document.addEventListener('visibilitychange', () => (this.#last = undefined))
    requestAnimationFrame(this.#frame)
  }

  onFrame(listener: (now: number) => void): void {
    this.#listeners.push(listener)
  }

  /** The longest frame from now on, until this is called again. */
  watch(): Watch {
    return (this.#watch = { longest: 0 })
  }

  /** Frames per second in the last second. */
  get rate(): number {
    let count = 0
    let took = 0
    for (let n = this.recent.length - 1; n >= 0 && took < 1_000; n--) {
      took += this.recent[n]!.took
      count++
    }
    return took > 0 ? (1_000 * count) / took : 0
  }

  readonly #frame = (now: number): void => {
    if (this.#last !== undefined) {
      const took = now - this.#last
      this.recent.push({ end: now, took })
      this.#watch.longest = Math.max(this.#watch.longest, took)
      while (this.recent[0]!.end < now - KEPT) this.recent.shift()
    }
    this.#last = now
    for (const listener of this.#listeners) listener(now)
    requestAnimationFrame(this.#frame)
  }
}
