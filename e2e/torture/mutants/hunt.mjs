// node hunt.mjs <bundle> <seconds>: runs the scenarios with one seed after the other until one fails, and prints the choices.
import { argv } from 'node:process'
import { pathToFileURL } from 'node:url'

const [, , path, seconds] = argv
const { explore, scenarios, simulate, randomOracle } = await import(pathToFileURL(path))
const start = performance.now()

/** Seeds that one scenario has before the next has its turn. */
const TURN = 25
/** Runs that are spent on fewer choices. */
const SHRINK = 150

for (let first = 1; ; first += TURN) {
  for (const [name, scenario] of Object.entries(scenarios)) {
    for (let seed = first; seed < first + TURN; seed++) {
      const after = (performance.now() - start) / 1_000
      if (after > seconds) process.exit(1)
      const { fault } = await simulate(scenario, randomOracle(seed))
      if (fault === undefined) continue
      const failure = await explore(scenario, { seeds: 1, first: seed, shrink: SHRINK }).catch((error) => error)
      const { choices } = failure.run
      console.log(JSON.stringify({ scenario: name, seed, after, fault: failure.run.fault, choices }))
      process.exit(0)
    }
  }
}
