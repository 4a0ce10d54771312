/** So much a second, on average: what was not used is kept for a second. */
export class Rate {
  readonly #perSecond: number
  /** What is left now. */
  left: number
  #at: number

  constructor(perSecond: number, now: number) {
    this.#perSecond = this.left = perSecond
    this.#at = now
  }

  take(count: number): void {
    this.left -= count
  }

  /** Whether all is used. */
  isOver(now: number): boolean {
    const more = Math.max(0, now - this.#at) * (this.#perSecond / 1_000)
    this.#at = now
    this.left = Math.min(Math.max(1, this.#perSecond), this.left + more)
    return this.left < 1
  }
}
