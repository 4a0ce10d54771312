import { NO_STREAM } from './jetstream.js'
import { Unanswered } from './persevere.js'
import { Refused } from './refused.js'

/** A stream that is made before its first use, and again if the server has lost it, or somebody has removed it. */
export class MadeStream {
  readonly #make: () => Promise<void>
  readonly #gone: () => void
  #isMade = false

  /** `gone` is called when it was there and is not any more: all that is known of it is over. */
  constructor(make: () => Promise<void>, gone: () => void = () => {}) {
    this.#make = make
    this.#gone = gone
  }

  /** Rejects with `Unanswered` where it is gone: a later attempt makes it. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (!this.#isMade) await this.#make()
      this.#isMade = true
      return await work()
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== NO_STREAM) throw error
      this.#isMade = false
      this.#gone()
      throw new Unanswered('no', error)
    }
  }
}
