import { ping, type Proxy } from 'troupe'
import type { Board } from './board.js'

/** Milliseconds between two pings. */
const INTERVAL = 200

/** Pings the board all the time, to show whether the tab that runs it lives. */
export class Pulse {
  /** When it was last answered. */
  #last = performance.now()
  /** Milliseconds of the last round trip. */
  trip: number | undefined

  constructor(board: Proxy<Board>) {
    void this.#beat(board)
  }

  /** Milliseconds since the last answer. */
  get silence(): number {
    return performance.now() - this.#last
  }

  async #beat(board: Proxy<Board>): Promise<never> {
    for (;;) {
      try {
        this.trip = await ping(board)
        this.#last = performance.now()
      } catch {
        // No tab leads.
      }
      await new Promise((resolve) => setTimeout(resolve, INTERVAL))
    }
  }
}
