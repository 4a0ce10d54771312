import { seeded } from '../random/dice.js'

/** Makes every choice of a simulated run: what happens next, and what goes wrong. */
export interface Oracle {
  /**
   * Chooses one of `n` possibilities: a whole number from 0 to n - 1. 0 is the plainest one: what has waited longest
   * happens next, and nothing goes wrong. `what` names the choice.
   */
  choose(n: number, what: string): number
}

/** Chooses at random. The same seed gives the same choices. */
export function randomOracle(seed: number): Oracle {
  const random = seeded(seed)
  return { choose: (n) => Math.floor(random() * n) }
}

/** Makes the given choices, each modulo the number of possibilities, and 0 after the last one. */
export function replayOracle(choices: readonly number[]): Oracle {
  let made = 0
  return { choose: (n) => (choices[made++] ?? 0) % n }
}

/** The options of `searchOracles`. */
export interface SearchOptions {
  /** How many runs at most. */
  readonly runs: number
  /** How many choices of a run are varied, from the first one on; 0 is chosen after those. 32 unless given. */
  readonly depth?: number
}

/**
 * Goes through the choices in order, depth first: each oracle differs from the one before in one choice, and is to be
 * used for one run before the next one is taken. Ends when all choices within `depth` were made, or after `runs`.
 */
export function* searchOracles({ runs, depth = 32 }: SearchOptions): Generator<Oracle, void, undefined> {
  let prefix: number[] = []
  for (let run = 0; run < runs; run++) {
    const made: { choice: number; n: number }[] = []
    yield {
      choose(n) {
        const choice = Math.min(prefix[made.length] ?? 0, n - 1)
        made.push({ choice, n })
        return choice
      },
    }
    let last = Math.min(made.length, depth) - 1
    while (last >= 0 && made[last]!.choice + 1 >= made[last]!.n) last--
    if (last < 0) return
    prefix = made.slice(0, last).map(({ choice }) => choice)
    prefix.push(made[last]!.choice + 1)
  }
}

/** Hands choices on to another oracle, and keeps them. */
export class Recorder implements Oracle {
  readonly choices: number[] = []
  readonly #oracle: Oracle

  constructor(oracle: Oracle) {
    this.#oracle = oracle
  }

  choose(n: number, what: string): number {
    // One possibility is no choice: a list of choices is short, and what was added to it means something.
    if (n <= 1) return 0
    const choice = this.#oracle.choose(n, what)
    if (!(Number.isSafeInteger(choice) && choice >= 0 && choice < n))
      throw new RangeError(
        `[troupe] the oracle chose ${choice} of ${n} for '${what}'; choose a whole number below ${n}`,
      )
    this.choices.push(choice)
    return choice
  }
}
