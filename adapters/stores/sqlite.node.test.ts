import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite'
import { afterEach, describe, expect, test } from 'vitest'
import { type StorePlace, testStore } from '../../core/testing/index.js'
import { sqlite, type SqliteHandle } from './sqlite.js'

const run = promisify(execFile)
const runner = { describe, test }
/** The types of Node.js 20 do not know it. */
const { getBuiltinModule } = process as { getBuiltinModule?(name: string): object | undefined }
const hasOwn = getBuiltinModule?.('node:sqlite') !== undefined

const folders: string[] = []
const handles: { close(): void }[] = []

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'troupe-sqlite-'))
  folders.push(path)
  return path
}

const file = (): string => join(folder(), 'store.db')

function database(path: string): DatabaseSyncInstance {
  const handle = new DatabaseSync(path)
  handles.push(handle)
  return handle
}

function clear(): void {
  for (const handle of handles.splice(0)) handle.close()
  for (const path of folders.splice(0)) rmSync(path, { recursive: true })
}

afterEach(clear)

/** A file, each store on which is made of what `take` makes of it. */
function place(take: (path: string) => SqliteHandle | string): StorePlace {
  const path = file()
  return { open: () => sqlite(take(path)), dispose: clear }
}

const change = (key: string, ...bytes: number[]) => ({ key, value: Uint8Array.from(bytes) })
const put = (key: string, ...bytes: number[]) => [{ changes: [change(key, ...bytes)] }]

testStore({ name: 'sqlite() on @photostructure/sqlite', runner, open: () => place(database) })
if (hasOwn) testStore({ name: 'sqlite() on node:sqlite', runner, open: () => place((path) => path) })

test.skipIf(hasOwn)('where there is no node:sqlite, a file is refused with the names of packages', async () => {
  const store = sqlite()
  for (const call of [store.read('a/'), store.commit([])])
    await expect(call).rejects.toMatchObject({
      code: 'stored-failed',
      ran: 'no',
      message: expect.stringMatching(/@photostructure\/sqlite.*better-sqlite3.*bun:sqlite/) as string,
    })
  await store.close()
})

test('takes a file name or an open database, and nothing else', () => {
  for (const wrong of ['', null, 5, {}, { exec() {}, prepare() {} }, Promise.resolve()])
    expect(() => sqlite(wrong as string)).toThrow(expect.objectContaining({ code: 'malformed' }))
  expect(() => sqlite('a.db', { timeout: -1 })).toThrow(expect.objectContaining({ code: 'malformed' }))
})

test.each(['as it is', 'OFF', 'NORMAL', 'FULL'])(
  'makes a database durable that was %s, and leaves it open',
  async (was) => {
    const handle = database(file())
    if (was !== 'as it is') handle.exec(`PRAGMA synchronous = ${was}`)
    const store = sqlite(handle)
    await store.commit(put('a/b', 1))
    await store.commit(put('a/b', 2))
    await store.close()
    expect(handle.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
    expect(handle.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(handle.prepare('SELECT key FROM troupe').all()).toEqual([{ key: 'a/b' }])
  },
)

test('keeps the database as safe as it was', async () => {
  const handle = database(file())
  handle.exec('PRAGMA synchronous = EXTRA')
  await sqlite(handle).read('a/')
  expect(handle.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 3 })
})

test('takes a database in memory', async () => {
  const store = sqlite(database(':memory:'))
  await store.commit(put('a/b', 1))
  expect(await store.read('a/')).toEqual([change('a/b', 1)])
})

test('waits while another connection writes, and the thread goes on', async () => {
  const path = file()
  const [one, other] = [database(path), sqlite(database(path))]
  await other.commit(put('a/b', 1))
  one.exec('BEGIN IMMEDIATE')
  let turns = 0
  const timer = setInterval(() => ++turns === 20 && one.exec('COMMIT'), 5)
  await expect(other.commit(put('a/b', 2))).resolves.toEqual([true])
  clearInterval(timer)
  expect(turns).toBeGreaterThanOrEqual(20)
  expect(await other.read('a/')).toEqual([change('a/b', 2)])
})

test('gives up when the time is over, and has changed nothing', async () => {
  const path = file()
  const [one, other] = [database(path), sqlite(database(path), { timeout: 100 })]
  await other.commit(put('a/b', 1))
  one.exec('BEGIN IMMEDIATE')
  await expect(other.commit(put('a/b', 2))).rejects.toMatchObject({
    code: 'stored-failed',
    ran: 'no',
    cause: { message: 'database is locked' },
  })
  expect(await other.read('a/')).toEqual([change('a/b', 1)])
  one.exec('COMMIT')
  await expect(other.commit(put('a/b', 3))).resolves.toEqual([true])
})

test('rejects a call that waits when it is closed', async () => {
  const path = file()
  const [one, other] = [database(path), sqlite(database(path))]
  await other.commit(put('a/b', 1))
  one.exec('BEGIN IMMEDIATE')
  const waiting = other.commit(put('a/b', 2))
  await other.close()
  await expect(waiting).rejects.toMatchObject({ code: 'stored-failed', ran: 'no' })
})

test('leaves a transaction alone that is open on the database', async () => {
  const handle = database(file())
  const store = sqlite(handle)
  await store.commit(put('a/b', 1))
  handle.exec('CREATE TABLE notes (text TEXT)')
  handle.exec("BEGIN; INSERT INTO notes VALUES ('kept')")
  await expect(store.commit(put('a/b', 2))).rejects.toMatchObject({ code: 'stored-failed', ran: 'no' })
  handle.exec('COMMIT')
  expect(handle.prepare('SELECT text FROM notes').all()).toEqual([{ text: 'kept' }])
  expect(await store.read('a/')).toEqual([change('a/b', 1)])
})

test('a full disk is told with its cause, and changes nothing', async () => {
  const handle = database(file())
  const store = sqlite(handle)
  await store.commit(put('a/b', 1))
  const { page_count } = handle.prepare('PRAGMA page_count').get() as { page_count: number }
  handle.exec(`PRAGMA max_page_count = ${page_count + 2}`)
  const large = { key: 'a/large', value: new Uint8Array(1 << 20) }
  await expect(store.commit([...put('a/b', 2), { changes: [large] }])).rejects.toMatchObject({
    code: 'stored-failed',
    ran: 'no',
    message: expect.stringContaining('database or disk is full') as string,
    cause: { message: expect.stringContaining('full') as string },
  })
  expect(await store.read('a/')).toEqual([change('a/b', 1)])
  await expect(store.commit(put('a/b', 3))).resolves.toEqual([true])
})

/** A database of which each COMMIT fails with this message, as long as there is one. */
function failing(messages: string[]): SqliteHandle {
  const handle = database(file())
  return {
    exec(sql) {
      const message = sql === 'COMMIT' ? messages.shift() : undefined
      if (message) throw new Error(message)
      handle.exec(sql)
    },
    prepare: (sql) => handle.prepare(sql),
    close: () => handle.close(),
  }
}

test('a commit of which the last step fails may have been made', async () => {
  const store = sqlite(failing(['disk I/O error']))
  await expect(store.commit(put('a/b', 1))).rejects.toMatchObject({ code: 'stored-failed', ran: 'maybe' })
  await expect(store.commit(put('a/c', 2))).resolves.toEqual([true])
  expect(await store.read('a/')).toEqual([change('a/c', 2)])
})

test('a commit that others hold up at its last step is made again', async () => {
  const store = sqlite(failing(['database is locked', 'database is locked']))
  await expect(store.commit(put('a/b', 1))).resolves.toEqual([true])
  expect(await store.read('a/')).toEqual([change('a/b', 1)])
})

test.skipIf(!hasOwn)('a file that cannot be opened is tried again at the next call', async () => {
  const path = join(folder(), 'later')
  const store = sqlite(join(path, 'store.db'))
  await expect(store.read('a/')).rejects.toMatchObject({ code: 'stored-failed', ran: 'no' })
  mkdirSync(path)
  await expect(store.commit(put('a/b', 1))).resolves.toEqual([true])
  await store.close()
})

test('four processes create one file at once, and count in it together', async () => {
  const path = file()
  const writer = fileURLToPath(new URL('../../.cache/fixtures/store-writer.mjs', import.meta.url))
  const outputs = await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, [writer, path, '100'])))
  const [count] = await sqlite(database(path)).read('shared/')
  expect(new TextDecoder().decode(count!.value)).toBe('400')
  console.log(`refused because another was faster: ${outputs.map(({ stdout }) => stdout.trim()).join(', ')} of 100`)
})
