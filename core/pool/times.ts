/** How long something took, in milliseconds: of the last 1,000 times that it happened. */
export interface Times {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const KEPT = 1_000

/** Remembers how long something took the last times. */
export class Stopwatch {
  readonly #times: number[] = []
  #next = 0

  add(ms: number): void {
    this.#times[this.#next++ % KEPT] = ms
  }

  /** All are 0 where it never happened. */
  get times(): Times {
    const sorted = [...this.#times].sort((one, other) => one - other)
    const at = (part: number): number => sorted[Math.ceil(sorted.length * part) - 1] ?? 0
    return { p50: at(0.5), p99: at(0.99), max: at(1) }
  }
}
