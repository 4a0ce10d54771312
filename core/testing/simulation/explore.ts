import { checkCount } from '../../ground/check-count.js'
import type { Judge } from './judge.js'
import { type Oracle, randomOracle, replayOracle } from './oracle.js'
import { shrink } from './shrink.js'
import { type SimulatedRun, type Scenario, simulate } from './simulate.js'

/** The options of `explore`. */
export interface ExploreOptions {
  /** How many seeds are tried. 1,000 unless given. */
  readonly seeds?: number
  /** The first seed. 1 unless given. */
  readonly first?: number
  /** The oracles that are tried instead of those of the seeds, such as `searchOracles(…)`. */
  readonly oracles?: Iterable<Oracle>
  /** `safety` and `liveness` unless given. */
  readonly judges?: readonly Judge[]
  /** How many runs are spent on finding fewer choices that fail. 400 unless given; 0 for none. */
  readonly shrink?: number
}

/** What `explore` resolves to. */
export interface Explored {
  readonly runs: number
  /** Things that happened in all runs together. */
  readonly steps: number
}

/** A simulated run failed. The message has all that is needed to run it again. */
export class SimulationFailure extends Error {
  override readonly name = 'SimulationFailure'

  constructor(
    /** The seed, or which of `oracles` it was, counted from 1. */
    readonly seed: number,
    /** The run with the fewest choices. */
    readonly run: SimulatedRun,
    /** How many choices failed at first. */
    before: number,
  ) {
    const { fault, error, choices, trace } = run
    super(
      [
        `[troupe] seed ${seed} fails: ${fault}`,
        `${choices.length} of ${before} choices are enough; to run them again:`,
        `  await simulate(scenario, replayOracle([${choices.join(', ')}]))`,
        'what happened last:',
        ...trace
          .filter((line) => !/ p[io]ng$/.test(line))
          .slice(-LAST)
          .map((line) => `  ${line}`),
      ].join('\n'),
      { cause: error },
    )
  }
}

/** Lines of the trace in a message. */
const LAST = 40

/**
 * Runs a scenario with one seed after the other until one fails.
 *
 * Resolves to how many runs there were if none did. Rejects with a `SimulationFailure` for the first that fails, after
 * its choices were reduced to few that fail as well.
 */
export async function explore(scenario: Scenario, options: ExploreOptions = {}): Promise<Explored> {
  const { seeds = 1_000, first = 1, judges, shrink: tries = 400 } = options
  checkCount('seeds', seeds, 1)
  checkCount('shrink', tries)
  let runs = 0
  let steps = 0
  for (const oracle of options.oracles ?? random(first, seeds)) {
    const run = await simulate(scenario, oracle, judges)
    steps += run.trace.length
    runs++
    if (run.fault === undefined) continue
    const seed = options.oracles ? runs : first + runs - 1
    throw new SimulationFailure(seed, await least(scenario, run, judges, tries), run.choices.length)
  }
  return { runs, steps }
}

function* random(first: number, seeds: number): Iterable<Oracle> {
  for (let n = 0; n < seeds; n++) yield randomOracle(first + n)
}

/** A run that fails with fewer choices. */
async function least(
  scenario: Scenario,
  failed: SimulatedRun,
  judges: readonly Judge[] | undefined,
  tries: number,
): Promise<SimulatedRun> {
  let best = failed
  const fails = async (choices: readonly number[]): Promise<boolean> => {
    const run = await simulate(scenario, replayOracle(choices), judges)
    if (run.fault === undefined) return false
    best = { ...run, choices }
    return true
  }
  const choices = await shrink(failed.choices, fails, tries)
  return { ...best, choices }
}
