import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from 'troupe/sqlite'

/** How to open a file with each driver that is there. */
export async function drivers() {
  const found = {}
  const { DatabaseSync } = process.getBuiltinModule?.('node:sqlite') ?? {}
  if (DatabaseSync) found['node:sqlite'] = (file) => new DatabaseSync(file)
  const photostructure = await import('@photostructure/sqlite').catch(() => undefined)
  if (photostructure) found['@photostructure/sqlite'] = (file) => new photostructure.DatabaseSync(file)
  const better = await import('better-sqlite3').catch(() => undefined)
  if (better) found['better-sqlite3'] = (file) => new better.default(file)
  return found
}

/** The driver by itself and our store on it, each with a file of its own, and what removes them. */
export function contenders(open) {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-bench-'))
  const handles = ['raw', 'troupe'].map((name) => open(join(folder, `${name}.db`)))
  const store = sqlite(handles[1])
  return {
    raw: raw(handles[0]),
    troupe: { commit: (records) => store.commit(records.map((record) => ({ changes: [record] }))) },
    close() {
      for (const handle of handles) handle.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** The fewest steps that are as durable. */
function raw(handle) {
  handle.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  handle.exec('CREATE TABLE records (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID')
  const put = handle.prepare('INSERT OR REPLACE INTO records (key, value) VALUES (?, ?)')
  const [begin, commit] = [handle.prepare('BEGIN IMMEDIATE'), handle.prepare('COMMIT')]
  return {
    commit(records) {
      begin.run()
      for (const { key, value } of records) put.run(key, value)
      commit.run()
    },
  }
}
