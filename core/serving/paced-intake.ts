import { ActorError } from '../ground/errors.js'
import { Rate } from '../ground/rate.js'
import type { Intake, Paced } from '../link/session/intake.js'
import type { Source } from '../wire/codec.js'
import type { Realm } from '../realm/realm.js'
import { type Taker, Turns } from './turns.js'

/** Bytes that wait to be read, and from how many on no more are taken from the connection. */
const FULL = 256 * 1024
/** Bytes of a payload that take about a millisecond before they are here. */
const ARRIVAL = 2 * FULL
/** A payload of fewer bytes is not counted, if it is the next to be read. */
const SMALL = FULL / 8
/** Payloads that wait, where a connection cannot be paused. */
const MOST = 16_384
/** Payloads that were read and are forgotten together. */
const READ = 256
/** Of the limit `unsent`: from this part on, nothing is read. */
const SLOW = 1 / 8
/** Milliseconds between two looks at what a slow peer has not read. */
const LOOK = 10
/** Milliseconds in which a peer must read something when it is over the limit. */
const PATIENCE = 1_000

/**
 * Takes in what an untrusted peer sends.
 *
 * All such peers have turns. While a peer does not read what it is sent, it is not read either, so it makes no more work; if
 * that goes on, its link ends. What waits to be read is bounded by pausing the connection.
 */
class PacedIntake implements Intake, Taker {
  pieces = 1
  used = 0
  usedAt = 0
  readonly rests: number
  readonly #link: Paced
  readonly #turns: Turns
  #payloads: { readonly data: unknown; readonly at: number }[] = []
  #next = 0
  #bytes = 0
  #source: Source | undefined
  /** Whether it waits for its turn, or has it. */
  #isIn = false
  #isPaused = false
  #isAsked = false
  /** Set while the peer is not read, since it does not read or sends too fast. */
  #timer: unknown
  #unsent = 0
  /** When the peer last read something. */
  #readAt = 0
  readonly #frames: Rate | undefined
  readonly #rate: Rate | undefined

  constructor(link: Paced, turns: Turns) {
    const { frameRate, byteRate, share } = link.limits
    const now = link.realm.env.now()
    this.#link = link
    this.#turns = turns
    this.rests = 1 / share - 1
    if (frameRate !== Infinity) this.#frames = new Rate(frameRate, now)
    if (byteRate !== Infinity) this.#rate = new Rate(byteRate, now)
  }

  take(data: unknown): void {
    const { time } = this.#link.realm
    const size = sizeOf(data)
    const isNext = !this.#isIn && this.#timer === undefined
    this.used += size / ARRIVAL
    if (isNext && size < SMALL) this.#begin(data, time, size)
    else {
      this.#payloads.push({ data, at: time })
      this.#bytes += size
    }
    if (isNext && !this.#link.hasEnded) this.#ask(time)
    if (this.#bytes > FULL) this.#pause()
    const waiting = this.#payloads.length - this.#next
    if (waiting > MOST && !this.#link.transport.pause)
      this.#link.close(new ActorError('quota', `more than ${MOST} payloads of the peer wait to be read`))
  }

  /** Whether there is a frame to read now. */
  get hasMore(): boolean {
    return this.#timer === undefined && this.#more()
  }

  work(most: number, now: number): void {
    this.#link.realm.time = now
    for (let left = Math.min(most, this.#frames?.left ?? most); left > 0 && this.hasMore; left--) {
      this.#frames?.take(1)
      if (!this.#link.read(this.#source!)) this.#source = undefined
    }
    if (this.#isAsked) this.#link.pong()
    this.#isAsked = false
    if (this.#timer === undefined && this.#isFast(now)) this.#look()
    this.#pause()
    this.#link.heard(now)
  }

  rest(): void {
    this.#isIn = false
  }

  sent(): void {
    if (this.#timer === undefined && this.#link.transport.buffered! > this.#link.limits.unsent * SLOW) this.#hold()
  }

  asked(): void {
    this.#isAsked = true
  }

  end(): void {
    this.#turns.leave(this)
    this.#link.realm.env.clearTimer(this.#timer)
    this.#payloads = []
    this.#source = undefined
  }

  #ask(now: number): void {
    this.#isIn = true
    this.#turns.ask(this, now)
  }

  /** Whether there is a frame to read. */
  #more(): boolean {
    while (!this.#link.hasEnded && !this.#source?.more()) {
      const payload = this.#payloads[this.#next]
      if (!payload) return false
      const size = sizeOf(payload.data)
      this.#bytes -= size
      if (++this.#next === this.#payloads.length) this.#payloads.length = this.#next = 0
      else if (this.#next === READ) this.#payloads.splice(0, READ)
      this.#next %= READ
      this.#begin(payload.data, payload.at, size)
    }
    return !this.#link.hasEnded
  }

  #begin(data: unknown, at: number, size: number): void {
    this.#rate?.take(size)
    this.#source = this.#link.begin(data, at)
  }

  /** Takes no more from the connection while there is enough to read, or nothing is read. */
  #pause(): void {
    const isPaused = this.#timer !== undefined || this.#bytes > (this.#isPaused ? FULL / 2 : FULL)
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    this.#link.transport.pause?.(isPaused)
  }

  /** The peer reads slowly: until it has read, it is not read. */
  #hold(): void {
    this.#unsent = this.#link.transport.buffered!
    this.#readAt = this.#link.realm.env.now()
    this.#look()
    this.#pause()
  }

  /** Whether the peer sends more than its rates allow. */
  #isFast(now: number): boolean {
    return this.#frames?.isOver(now) || this.#rate?.isOver(now) || false
  }

  #look(): void {
    this.#timer = this.#link.realm.env.setTimer(this.#looked, LOOK, true)
  }

  readonly #looked = (): void => {
    const { transport, limits, realm, outage } = this.#link
    const unsent = transport.buffered!
    const now = realm.env.now()
    const isFast = this.#isFast(now)
    if (outage || isFast || unsent < this.#unsent) {
      this.#readAt = now
      this.#link.heard(now)
    }
    this.#unsent = unsent
    if (unsent > limits.unsent && now - this.#readAt > PATIENCE) {
      const text = `the peer does not read: more than the limit 'unsent' of ${limits.unsent} bytes wait for it`
      return this.#link.close(new ActorError('quota', text))
    }
    if (isFast || unsent > limits.unsent * SLOW) return this.#look()
    this.#timer = undefined
    this.#pause()
    if (!this.#isIn) this.#ask(now)
  }
}

/** For `listener`: untrusted peers are read in turns, and only while they read. */
export const paced = (realm: Realm): ((link: Paced) => Intake) => {
  const turns = new Turns(realm)
  return (link) => new PacedIntake(link, turns)
}

/** Of what is cloned, the size is not known. */
const sizeOf = (data: unknown): number => (data as Partial<Uint8Array>).byteLength ?? 1_024
