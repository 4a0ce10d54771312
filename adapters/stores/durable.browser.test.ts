import { deleteDB } from 'idb'
import { afterAll, expect, test } from 'vitest'
import type { Store } from '../../core/adapter.js'
import { crashes, damages } from '../../core/testing/durable-crashes.js'
import { indexedDb } from './indexeddb.js'

const names: string[] = []

async function open(): Promise<Store> {
  const name = `durable ${names.length}`
  names.push(name)
  return indexedDb(name)
}

afterAll(async () => {
  for (const name of names) await deleteDB(name)
})

test('IndexedDB: whatever commit fails, alone or in pairs, nothing acknowledged is lost and nothing is applied twice', async () => {
  const { ways, found } = await crashes(open, 4, true)
  console.info(`${ways} ways to fail`)
  expect(found).toEqual([])
}, 120_000)

test('IndexedDB: a record that is torn, flipped, old or missing is detected', async () => {
  const { ways, found } = await damages(open)
  console.info(`${ways} ways to damage a record`)
  expect(found).toEqual([])
}, 60_000)
