import type { Peer } from 'troupe'
import type { Person } from './message.js'

/** One person's place in the room. */
export class Seat {
  name: string
  readonly #peer: Peer
  #isBehind = false
  #wake = (): void => {}

  constructor(peer: Peer, name: string) {
    this.#peer = peer
    this.name = name
  }

  get person(): Person {
    const { id, state } = this.#peer
    return { id, name: this.name, isReconnecting: state === 'reconnecting' }
  }

  /** There is something new. */
  notify(): void {
    this.#isBehind = true
    this.#wake()
  }

  /** Resolves when there is something new since the last time. */
  async news(): Promise<void> {
    if (!this.#isBehind) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#isBehind = false
  }
}
