import { expect, test } from 'vitest'
import { explore } from '../testing/index.js'
import { moves } from '../testing/simulation/fixtures/scenarios.js'

// Many more seeds are those of `npm run torture simulation`.
test('an actor that moves loses no call, runs none twice, keeps the order of each caller, and has one state', async () => {
  const { runs } = await explore(moves, { seeds: 200 })
  expect(runs).toBe(200)
})
