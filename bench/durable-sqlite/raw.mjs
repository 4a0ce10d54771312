import { stateOf } from '../durable-state.mjs'
import { openFile } from './file.mjs'

export async function open() {
  const { database, remove } = openFile()
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID')
  const put = database.prepare('INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
  const encoder = new TextEncoder()
  let count = 0
  return {
    async ask(inFlight, total) {
      for (let left = total; left > 0; left -= inFlight) {
        database.exec('BEGIN IMMEDIATE')
        for (let n = 0; n < inFlight; n++) put.run('state', encoder.encode(JSON.stringify(stateOf(++count))))
        database.exec('COMMIT')
      }
    },
    close: remove,
  }
}
