/** Who was noticed to be gone from a realm, and when, in milliseconds of the wall clock. */
export class Losses {
  readonly #times = new Map<string, number>()
  readonly #waiting = new Map<string, (at: number) => void>()

  readonly add = (peer: string, at = Date.now()): void => {
    this.#times.set(peer, at)
    this.#waiting.get(peer)?.(at)
  }

  get all(): string[] {
    return [...this.#times.keys()]
  }

  async when(peer: string): Promise<number> {
    return this.#times.get(peer) ?? new Promise((resolve) => this.#waiting.set(peer, resolve))
  }
}
