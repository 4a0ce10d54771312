import type { Env } from '../ground/env.js'

/** Lines within so many milliseconds; more of them are counted, and told in one line. */
const MOST = 50
const SPAN = 1_000

/** Keeps a peer from filling the log: lines that come too fast are counted. */
export class Repeats {
  readonly #env: Env
  readonly #tell: (count: number) => void
  #count = 0
  #since = -Infinity

  /** `tell` hears how many lines were left out. */
  constructor(env: Env, tell: (count: number) => void) {
    this.#env = env
    this.#tell = tell
  }

  /** Whether one more line is to be written. */
  admits(): boolean {
    const now = this.#env.now()
    if (now - this.#since > SPAN && this.#count <= MOST) {
      this.#since = now
      this.#count = 0
    }
    if (++this.#count === MOST + 1) this.#env.setTimer(this.#over, SPAN, true)
    return this.#count <= MOST
  }

  readonly #over = (): void => {
    this.#tell(this.#count - MOST)
    this.#count = 0
    this.#since = -Infinity
  }
}
