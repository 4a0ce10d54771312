import type { Env } from '../../ground/env.js'

/** Milliseconds of silence after which the peer is asked, and after which it is dead if it does not answer. */
export interface Rhythm {
  readonly after: number
  readonly grace: number
}

/**
 * Notices a peer that went silent: it is asked, and given up if it does not answer.
 * A tick that comes late (a frozen page, a busy thread, a sleeping machine) judges nobody: it asks, and counts anew.
 */
export class Heartbeat {
  readonly #env: Env
  readonly #rhythm: Rhythm
  readonly #ask: () => void
  readonly #dead: () => void
  #timer: unknown
  #heard = 0
  #isAsked = false

  constructor(env: Env, rhythm: Rhythm, ask: () => void, dead: () => void) {
    this.#env = env
    this.#rhythm = rhythm
    this.#ask = ask
    this.#dead = dead
    this.start()
  }

  /** Counts anew. */
  start(): void {
    this.heard(this.#env.now())
    this.#arm(this.#rhythm.after)
  }

  /** A frame came, at `now`. */
  heard(now: number): void {
    this.#heard = now
    this.#isAsked = false
  }

  /** There is reason to ask now. */
  suspect(): void {
    if (!this.#isAsked) this.#question()
  }

  stop(): void {
    this.#env.clearTimer(this.#timer)
  }

  #question(): void {
    this.#isAsked = true
    this.#arm(this.#rhythm.grace)
    this.#ask()
  }

  #arm(wait: number): void {
    this.#env.clearTimer(this.#timer)
    if (wait === Infinity) return
    const latest = this.#env.now() + wait * 1.5
    this.#timer = this.#env.setTimer(() => this.#tick(latest), wait, true)
  }

  /** One that comes after `latest` is late. */
  #tick(latest: number): void {
    const { after } = this.#rhythm
    const now = this.#env.now()
    if (now > latest) return this.#question()
    if (this.#isAsked) return this.#dead()
    const silence = now - this.#heard
    if (silence >= after) this.#question()
    else this.#arm(after - silence)
  }
}
