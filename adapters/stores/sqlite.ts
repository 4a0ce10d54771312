import {
  ActorError,
  checkMilliseconds,
  isSameBytes,
  type Store,
  type StoreCommit,
  type StoreRecord,
} from '../../core/adapter.js'
import { given, has } from '../base/given.js'
import { keyOfText, textOfKey } from '../base/record-key.js'
import { storeClosed, storedFailed, storeHeld } from '../base/stored-failed.js'
import { type Database, openDatabase, type SqliteHandle, type SqliteStatement } from './sqlite-database.js'

export type { SqliteHandle, SqliteStatement }

/** The options of `sqlite`. */
export interface SqliteOptions {
  /** Milliseconds that a call waits while other processes write to the file. 10,000 unless given. */
  readonly timeout?: number
}

const FILE = './troupe.db'
const TIMEOUT = 10_000
/** Milliseconds between two attempts to write, at most. */
const LONGEST_PAUSE = 25

/**
 * Keeps the records of durable actors in an SQLite database. What was committed survives a crash of the process, and the
 * loss of power. Several processes may use one file.
 *
 * Takes the name of a file, which is created where it is missing, `'./troupe.db'` unless given. It is opened with
 * `node:sqlite`, at the first call. Or takes an open database of `node:sqlite`, better-sqlite3, @photostructure/sqlite,
 * Deno or `bun:sqlite`. It is used with `journal_mode = WAL` and `synchronous = FULL`, and `close` does not close it. The
 * records are in the table `troupe`.
 *
 * Throws `malformed` for anything else. Calls reject with `stored-failed`, with the error of the database as its cause.
 */
export function sqlite(file: string | SqliteHandle = FILE, options: SqliteOptions = {}): Store {
  if (!file || (typeof file !== 'string' && !has(file, 'exec', 'prepare', 'close')))
    throw new ActorError('malformed', `sqlite takes the name of a file or an open database, not ${given(file)}`)
  return new SqliteStore(file, checkMilliseconds('timeout', options.timeout) ?? TIMEOUT)
}

class SqliteStore implements Store {
  readonly #file: string | SqliteHandle
  readonly #timeout: number
  #database: Database | undefined
  #isClosed = false

  constructor(file: string | SqliteHandle, timeout: number) {
    this.#file = file
    this.#timeout = timeout
  }

  read(prefix: string): Promise<readonly StoreRecord[]> {
    // `0` is the character behind `/`, with which a prefix ends.
    const [from, to] = [textOfKey(prefix), textOfKey(`${prefix.slice(0, -1)}0`)]
    return this.#persist(({ range }) => {
      const records = (range.all(from, to) as Row[]).map(({ key, value }) => ({
        key: keyOfText(key),
        value: bytesOf(value),
      }))
      // SQLite orders by the bytes of UTF-8, and what is escaped.
      return records.sort((one, other) => (one.key < other.key ? -1 : 1))
    })
  }

  commit(commits: readonly StoreCommit[]): Promise<readonly boolean[]> {
    return this.#persist((database) => {
      const { handle } = database
      let ran: 'no' | 'maybe' = 'no'
      // At once a writer: a transaction that reads first may find at its first write that another process wrote.
      handle.exec('BEGIN IMMEDIATE')
      try {
        const made = commits.map((commit) => make(database, commit))
        ran = 'maybe'
        handle.exec('COMMIT')
        return made
      } catch (error) {
        rollBack(handle)
        // A COMMIT that fails may be in the file already: what failed may be the wait for the disk.
        throw isBusy(error) ? error : storedFailed(error, ran)
      }
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const { handle } = this.#database ?? {}
    this.#database = undefined
    if (handle === this.#file) return
    try {
      handle?.close()
    } catch (error) {
      throw storedFailed(error)
    }
  }

  /**
   * Does it, again and again as long as another process holds the file. SQLite could wait itself, but nothing else of this
   * thread would go on meanwhile.
   */
  async #persist<T>(work: (database: Database) => T): Promise<T> {
    const start = performance.now()
    for (let pause = 1; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      if (this.#isClosed) throw storeClosed()
      try {
        return work((this.#database ??= openDatabase(this.#file)))
      } catch (error) {
        if (!isBusy(error)) throw storedFailed(error)
        if (performance.now() - start >= this.#timeout) throw storeHeld(this.#timeout, 'no', error)
      }
      await new Promise((resolve) => setTimeout(resolve, pause * Math.random()))
    }
  }
}

interface Row {
  readonly key: string
  /** `null` may be what a driver makes of no bytes. */
  readonly value: Uint8Array | null
}

/** Makes a commit inside a transaction; false if it is not as expected. */
function make({ one, put, remove }: Database, { expected, changes }: StoreCommit): boolean {
  if (expected) {
    const row = one.get(textOfKey(expected.key)) as Row | null | undefined
    if (!isSameBytes(row ? bytesOf(row.value) : undefined, expected.value)) return false
  }
  for (const { key, value } of changes) {
    if (value) put.run(textOfKey(key), value)
    else remove.run(textOfKey(key))
  }
  return true
}

function rollBack(handle: SqliteHandle): void {
  try {
    handle.exec('ROLLBACK')
  } catch {
    // After some errors SQLite has done so by itself.
  }
}

/** Whether it says that another connection holds the file. Each driver has a code of its own; the text is SQLite's. */
function isBusy(error: unknown): boolean {
  const { code, message } = error as { readonly code?: string; readonly message?: string }
  return !(error instanceof ActorError) && /SQLITE_BUSY|database is locked/.test(`${code} ${message}`)
}

/** Plain ones: a driver may return a Buffer. */
const bytesOf = (value: Uint8Array | null): Uint8Array =>
  value ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array()
