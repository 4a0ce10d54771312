import { joined } from '../base/joined.js'
import { piecesOf } from './pieces.js'

/** Packets, and bytes, after which the member is told what came. */
const TOLD = { packets: 64, bytes: 128 * 1024 }
/** Bytes of a piece that others follow, at least: a sender fills its packets. Many small ones would take much memory. */
const LEAST = 256
/** Bytes of a payload of one that is not admitted yet. */
const SMALL = 64 * 1024
/** Milliseconds after which missing packets are asked for once more. */
const AGAIN = 1_000

declare const performance: { now(): number }

/** What came of a packet: taken, one that came before, one behind a gap, one that came in a pause, or none of a member. */
export type Verdict = 'taken' | 'repeated' | 'early' | 'paused' | 'malformed'

/** What comes from one member: in order, each packet once, and pieces put together again. */
export class Incoming {
  /** How many packets came. */
  received = 0
  readonly #largest: number
  #isAdmitted: boolean
  #pieces: Uint8Array[] = []
  #size = 0
  #untold = 0
  #untoldBytes = 0
  #isPaused = false
  /** Whether a packet was not taken since the pause began. */
  #hasMissed = false
  #askedFor = -1
  #askedAt = 0

  /** `largest`: bytes of the largest payload. One that is not admitted yet may send small ones. */
  constructor(largest: number, isAdmitted = true) {
    this.#largest = largest
    this.#isAdmitted = isAdmitted
  }

  admit(): void {
    this.#isAdmitted = true
  }

  /** Calls `deliver` with each payload that is whole. */
  take(number: number, body: Uint8Array, deliver: (payload: Uint8Array) => void): Verdict {
    if (number <= this.received) return 'repeated'
    if (this.#isPaused) {
      this.#hasMissed = true
      return 'paused'
    }
    if (number > this.received + 1) return 'early'
    const pieces = piecesOf(body)
    if (!pieces) return 'malformed'
    let size = this.#size
    for (const { bytes, isMore } of pieces) {
      if ((size += bytes.length) > (this.#isAdmitted ? this.#largest : SMALL) || (isMore && bytes.length < LEAST))
        return 'malformed'
      if (!isMore) size = 0
    }
    this.received = number
    this.#untold++
    this.#untoldBytes += body.length
    for (const { bytes, isMore } of pieces) {
      if (isMore || this.#pieces.length > 0) this.#pieces.push(bytes)
      this.#size += bytes.length
      if (isMore) continue
      const whole = this.#pieces.length > 0 ? joined(this.#pieces) : bytes
      this.#pieces = []
      this.#size = 0
      deliver(whole)
    }
    return 'taken'
  }

  /** Takes no packets, or takes them again. Returns whether some that were not taken are to be asked for. */
  pause(paused: boolean): boolean {
    const asks = this.#hasMissed && !paused
    this.#isPaused = paused
    this.#hasMissed = false
    return asks
  }

  /** Whether the member is to be told what came, as it hears nothing else. */
  get isTime(): boolean {
    return this.#untold >= TOLD.packets || this.#untoldBytes >= TOLD.bytes
  }

  /** It is told with what is being sent. */
  told(): void {
    this.#untold = this.#untoldBytes = 0
  }

  /** Whether to ask for what is missing: once, and again after a while. */
  shouldAsk(): boolean {
    const now = performance.now()
    if (this.#askedFor === this.received && now - this.#askedAt < AGAIN) return false
    this.#askedFor = this.received
    this.#askedAt = now
    return true
  }
}
