import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterAll, expect, test } from 'vitest'
import { crashes, damages } from '../../core/testing/durable-crashes.js'
import type { Store } from '../../core/adapter.js'
import { sqlite } from './sqlite.js'

const folder = mkdtempSync(join(tmpdir(), 'troupe-durable-'))
let count = 0

/** A file of its own, which needs no wait for the disk: no process ends here. */
async function open(): Promise<Store> {
  const database = new DatabaseSync(join(folder, `${count++}.db`))
  const store = sqlite(database)
  return {
    read: (prefix) => store.read(prefix),
    commit: (commits) => store.commit(commits),
    close: async () => database.close(),
  }
}

afterAll(() => rmSync(folder, { recursive: true }))

test('SQLite: whatever commit fails, alone or in pairs, nothing acknowledged is lost and nothing is applied twice', async () => {
  const { ways, found } = await crashes(open, 4, true)
  console.info(`${ways} ways to fail`)
  expect(found).toEqual([])
}, 60_000)

test('SQLite: a record that is torn, flipped, old or missing is detected', async () => {
  const { ways, found } = await damages(open)
  console.info(`${ways} ways to damage a record`)
  expect(found).toEqual([])
})
