import type {} from '../../core/adapter.js'
import { headOf, PIECE } from './pieces.js'

/** Bytes of one member that are under way: a server cuts a subscriber off that has too much to read. */
const WINDOW = 2 * 1024 * 1024

/** Milliseconds between two times that all is sent again. */
const PAUSE = 250

declare const performance: { now(): number }
declare const setTimeout: (fn: () => void, ms: number) => unknown
declare const clearTimeout: (timer: unknown) => void

/** What the packets of one member leave by. */
export interface Way {
  /** Bytes of the largest body. */
  readonly largest: number
  /** Whether the connection is up. */
  isUp(): boolean
  /** A packet with that number and body. */
  pack(number: number, body: readonly Uint8Array[]): Uint8Array
  publish(packet: Uint8Array): void
  /** A packet is published again. */
  resend(packet: Uint8Array): void
}

/**
 * What goes to one member: payloads are gathered until the turn ends, numbered, and kept until the member says that they
 * came. It says so too when packets are missing, and after an outage: then they are sent again from there.
 */
export class Outgoing {
  readonly #way: Way
  #parts: Uint8Array[] = []
  #size = 0
  /** Packets that the member has not confirmed, the oldest first. */
  readonly #kept: Uint8Array[] = []
  /** Bytes of all that is kept. */
  keptBytes = 0
  /** How many packets it has confirmed. */
  #had = 0
  /** How many of those kept were published since the last outage, and their bytes. */
  #out = 0
  #outBytes = 0
  /** How many were ever published. */
  #published = 0
  /** Whether the member is asked what came: nothing leaves before it answers. */
  #isAsked = false
  #againAt = -Infinity
  #timer: unknown

  constructor(way: Way) {
    this.#way = way
  }

  /** Adds a payload. One that is larger than a packet is cut into pieces. */
  add(payload: Uint8Array): void {
    const { largest } = this.#way
    for (let at = 0, isMore = true; isMore;) {
      if (this.#size + PIECE >= largest) this.flush()
      const end = Math.min(payload.length, at + largest - PIECE - this.#size)
      // A small rest of the room is not worth a piece of its own.
      if (end < payload.length && this.#size > 0) {
        this.flush()
        continue
      }
      isMore = end < payload.length
      this.#parts.push(headOf(end - at, isMore), payload.subarray(at, end))
      this.#size += PIECE + end - at
      at = end
    }
  }

  /** What was gathered leaves, or waits until it can. */
  flush(): void {
    if (this.#parts.length === 0) return
    const packet = this.#way.pack(this.#had + this.#kept.length + 1, this.#parts)
    this.#parts = []
    this.#size = 0
    this.#kept.push(packet)
    this.keptBytes += packet.length
    this.#publish()
  }

  /** The connection was lost: what was under way may not have arrived. */
  ask(): void {
    this.#isAsked = true
  }

  /** The member has so many packets. False for a number that cannot be. */
  confirm(received: number): boolean {
    const count = received - this.#had
    if (count > this.#kept.length) return false
    if (count <= 0) return true
    this.#had = received
    for (const packet of this.#kept.splice(0, count)) {
      this.keptBytes -= packet.length
      if (this.#out === 0) continue
      this.#out--
      this.#outBytes -= packet.length
    }
    this.#publish()
    return true
  }

  /** The member lacks what is kept: it is sent again, but seldom: to ask for it is less work than to send it. */
  again(): void {
    if (this.#timer !== undefined) return
    const rest = this.#againAt + PAUSE - performance.now()
    if (rest > 0) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.again()
      }, rest)
      return
    }
    this.#againAt = performance.now()
    this.#isAsked = false
    this.#out = this.#outBytes = 0
    this.#publish()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #publish(): void {
    const way = this.#way
    if (this.#isAsked) return
    while (way.isUp() && this.#out < this.#kept.length && this.#outBytes < WINDOW) {
      const packet = this.#kept[this.#out]!
      this.#out++
      this.#outBytes += packet.length
      const number = this.#had + this.#out
      if (number <= this.#published) way.resend(packet)
      else {
        this.#published = number
        way.publish(packet)
      }
    }
  }
}
