import { ActorError } from '../../core/adapter.js'

/** What is used of a prepared statement. */
export interface SqliteStatement {
  run(...values: (string | Uint8Array)[]): unknown
  get(...values: string[]): unknown
  all(...values: string[]): unknown[]
}

/** An open database, as `node:sqlite`, better-sqlite3, @photostructure/sqlite, Deno and `bun:sqlite` have it. */
export interface SqliteHandle {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
  close(): unknown
}

/** An open database, and the statements on it. */
export interface Database {
  readonly handle: SqliteHandle
  readonly one: SqliteStatement
  readonly range: SqliteStatement
  readonly put: SqliteStatement
  readonly remove: SqliteStatement
}

const TABLE = 'CREATE TABLE IF NOT EXISTS troupe (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID'
const NO_SQLITE =
  'this runtime has no node:sqlite, which is in Node.js 22.13 and later. Install a package that has it, and give its open' +
  " database instead of a file name: sqlite(new DatabaseSync('troupe.db')) with @photostructure/sqlite, sqlite(new Database('troupe.db')) with" +
  ' better-sqlite3 or bun:sqlite'

/** Opens a file, or takes an open database, and makes it durable. */
export function openDatabase(file: string | SqliteHandle): Database {
  const handle = typeof file === 'string' ? openFile(file) : file
  try {
    // Only then: setting it needs a file that no other process uses.
    if (pragma(handle, 'journal_mode') !== 'wal') pragma(handle, 'journal_mode = WAL')
    // Set even where it is so already: some builds of SQLite are less strict by default, and only from the first transaction on.
    const isExtra = Number(pragma(handle, 'synchronous')) === 3
    handle.exec(`PRAGMA synchronous = ${isExtra ? 'EXTRA' : 'FULL'}`)
    handle.exec(TABLE)
    return {
      handle,
      one: handle.prepare('SELECT value FROM troupe WHERE key = ?'),
      range: handle.prepare('SELECT key, value FROM troupe WHERE key >= ? AND key < ?'),
      put: handle.prepare('INSERT OR REPLACE INTO troupe (key, value) VALUES (?, ?)'),
      remove: handle.prepare('DELETE FROM troupe WHERE key = ?'),
    }
  } catch (error) {
    if (handle !== file) handle.close()
    throw error
  }
}

/** Not imported: bundlers and older runtimes would look for a module of that name. */
function openFile(file: string): SqliteHandle {
  const { DatabaseSync } = process.getBuiltinModule?.('node:sqlite') ?? {}
  if (!DatabaseSync) throw new ActorError('stored-failed', NO_SQLITE)
  return new DatabaseSync(file)
}

/** Typed here, as the types of Node.js 20 know none of it. */
declare const process: {
  getBuiltinModule?(name: string): { readonly DatabaseSync?: new (file: string) => SqliteHandle } | undefined
}

const pragma = (handle: SqliteHandle, text: string): unknown =>
  Object.values(handle.prepare(`PRAGMA ${text}`).get() as object)[0]
