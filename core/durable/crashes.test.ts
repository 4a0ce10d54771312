import { expect, test } from 'vitest'
import { crashes, damages } from '../testing/durable-crashes.js'
import { memoryStore } from './memory-store.js'

test('whatever commit a store fails at, alone or in pairs, nothing acknowledged is lost and nothing is applied twice', async () => {
  const { ways, found } = await crashes(async () => memoryStore(), 8, true)
  console.info(`${ways} ways to fail`)
  expect(ways).toBeGreaterThan(400)
  expect(found).toEqual([])
})

test('a record that is torn, flipped, old, missing, or of another actor is detected', async () => {
  const { ways, found } = await damages(async () => memoryStore())
  expect(ways).toBeGreaterThan(30)
  expect(found).toEqual([])
})
