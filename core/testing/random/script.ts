import type { Dice } from './dice.js'

/** A call, and what its handler does one after the other. */
export interface Call {
  readonly id: string
  /** Milliseconds, if the call has a timeout. */
  readonly timeout: number | undefined
  readonly steps: readonly Step[]
}

export type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'throw' }
  /** Runs the function that came with the call. */
  | { readonly do: 'call back' }
  | { readonly do: 'tell'; readonly player: number; readonly call: Call }
  /** `isPassed`: an error of that call is thrown by this handler as well. */
  | { readonly do: 'ask'; readonly player: number; readonly call: Call; readonly isPassed: boolean }

/** Writes the calls of one trial; each has an id of its own. */
export class Scripts {
  #count = 0

  constructor(
    readonly dice: Dice,
    readonly trial: string,
    readonly players: number,
  ) {}

  /** A call whose handler calls others, which call others, up to `depth` calls deep. */
  call(depth = 2, timeout?: number): Call {
    const { dice } = this
    const steps = Array.from({ length: dice.below(3) }, () => this.#step(depth))
    return { id: `${this.trial}/${this.#count++}`, timeout: dice.chance(0.2) ? 1 + dice.below(5) : timeout, steps }
  }

  /** A call that a handler makes: two that wait for each other would wait for ever if it had no timeout. */
  inner(depth: number): Call {
    return this.call(depth, 300)
  }

  player(): number {
    return this.dice.below(this.players)
  }

  #step(depth: number): Step {
    const { dice } = this
    const kind = dice.random()
    if (depth === 0 || kind < 0.3) return { do: 'wait', ms: dice.below(4) }
    if (kind < 0.4) return { do: 'throw' }
    if (kind < 0.55) return { do: 'call back' }
    if (kind < 0.7) return { do: 'tell', player: this.player(), call: this.inner(depth - 1) }
    return { do: 'ask', player: this.player(), call: this.inner(depth - 1), isPassed: dice.chance(0.5) }
  }
}
