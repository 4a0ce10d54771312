import { Actor } from 'troupe'
import type { Relay } from './relay.js'
import type { ForkedRoom } from './forked-room.js'

/** Longest fault, in milliseconds. */
const LONGEST = 120_000

/** The buttons that break something, each for so many milliseconds. `tab` is the id of the page's dispatcher. */
export class Faults extends Actor {
  static exposed = ['cut', 'freeze', 'restart']
  readonly #relay: Relay
  readonly #room: ForkedRoom

  constructor(relay: Relay, room: ForkedRoom) {
    super()
    this.#relay = relay
    this.#room = room
  }

  cut(tab: string, ms: number): void {
    this.#relay.cut(tab, timeOf(ms))
  }

  freeze(tab: string, ms: number): void {
    this.#relay.freeze(tab, timeOf(ms))
  }

  restart(ms: number): void {
    this.#room.restart(timeOf(ms))
  }
}

/** A page can send anything. */
const timeOf = (ms: unknown): number => Math.min(LONGEST, Math.max(0, Number(ms) || 0))
