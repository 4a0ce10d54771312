import type { Outbox } from './outbox.js'

/** Milliseconds between two messages. */
const PACE = 100
/** Messages after which it is silent. */
const ENOUGH = 600

/** Sends numbered messages, until it has said enough. */
export class Guest {
  readonly #outbox: Outbox
  readonly #name: () => string
  readonly #onTalk: (isTalking: boolean) => void
  #timer: ReturnType<typeof setInterval> | undefined
  #said = 0

  constructor(outbox: Outbox, name: () => string, onTalk: (isTalking: boolean) => void) {
    this.#outbox = outbox
    this.#name = name
    this.#onTalk = onTalk
  }

  /** Lets it talk, or silences it. */
  toggle(): void {
    if (this.#timer === undefined) this.#timer = setInterval(() => this.#talk(), PACE)
    else {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    this.#onTalk(this.#timer !== undefined)
  }

  #talk(): void {
    this.#outbox.add(this.#name(), `My message ${++this.#said}`)
    if (this.#said % ENOUGH === 0) this.toggle()
  }
}
