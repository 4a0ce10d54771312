import { openDB } from 'idb'
import { ActorError, checkMilliseconds, type Store, type StoreCommit, type StoreRecord } from '../../core/adapter.js'
import { given } from '../base/given.js'
import { storeClosed, storedFailed, storeHeld } from '../base/stored-failed.js'
import { type Database, type Own, RECORDS, type Sent, transact } from './indexeddb-commit.js'

declare const IDBKeyRange: { bound(from: string, to: string, isFromOpen: boolean, isToOpen: boolean): object }

/** The options of `indexedDb`. */
export interface IndexedDbOptions {
  /**
   * Milliseconds that a call may take, 10,000 unless given. It waits while another tab writes, and while another tab deletes
   * the database, or changes its version, and is not done.
   */
  readonly timeout?: number
}

const TIMEOUT = 10_000
/** What a timer of the platform can wait. */
const LONGEST = 2 ** 31 - 1
const VERSION = 1

/**
 * Keeps the records of durable actors in the IndexedDB database of this name, which is created where it is missing. Needs
 * the package `idb`. What was committed survives a crash of the browser, and the loss of power where the browser heeds
 * `durability: 'strict'`. Tabs and workers of one origin may use one database.
 *
 * The database is opened at the first call. It is closed for another tab that deletes it or changes its version, and opened
 * again at the next call, as it is if the browser has closed it.
 *
 * Throws `malformed` for what is no name. Calls reject with `stored-failed`, with the error of the platform as its cause:
 * `QuotaExceededError` where the storage is full, `SecurityError` where the page may not store, `VersionError` where a later
 * version of the database is there. `ran` is `'maybe'` for a commit that may have been made.
 */
export function indexedDb(name: string, options: IndexedDbOptions = {}): Store {
  if (typeof name !== 'string')
    throw new ActorError('malformed', `indexedDb takes the name of a database, not ${given(name)}`)
  return new IndexedDbStore(name, checkMilliseconds('timeout', options.timeout) ?? TIMEOUT)
}

/** A call of the store, which may take two attempts. */
interface Call {
  /** It was rejected. */
  isOver?: boolean
  sent?: Sent | undefined
}

type Work<T> = (database: Database, call: Call) => Promise<T>

class IndexedDbStore implements Store {
  readonly #name: string
  readonly #timeout: number
  #connection: Promise<Database> | undefined
  /** What it knows of the database as long as it has a connection with it. */
  #own: Own = new Map()
  #isClosed = false

  constructor(name: string, timeout: number) {
    this.#name = name
    this.#timeout = timeout
  }

  read(prefix: string): Promise<readonly StoreRecord[]> {
    return this.#persist(async (database) => {
      // `0` is the character behind `/`, with which a prefix ends.
      const range = IDBKeyRange.bound(prefix, `${prefix.slice(0, -1)}0`, false, true)
      const transaction = database.transaction(RECORDS, 'readonly')
      const { store, done } = transaction
      const requests = [store.getAllKeys(range), store.getAll(range), done] as const
      // Others that write do not wait for this realm then.
      transaction.commit()
      const [keys, values] = await Promise.all(requests)
      return keys.map((key, place) => ({ key: key as string, value: values[place]! }))
    })
  }

  commit(commits: readonly StoreCommit[]): Promise<readonly boolean[]> {
    return this.#persist((database, call) => transact(database, commits, call, this.#own))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    // Transactions under way are finished before. A database that is still being opened is closed once it is open.
    this.#connection?.then(
      (database) => database.close(),
      () => {},
    )
  }

  /** Rejects when the time is over, whatever becomes of it. */
  #persist<T>(work: Work<T>): Promise<T> {
    const call: Call = {}
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          call.isOver = true
          reject(storeHeld(this.#timeout, ranOf(call)))
        },
        Math.min(this.#timeout, LONGEST),
      )
      void this.#attempt(work, call)
        .then(resolve, (error: unknown) => reject(storedFailed(error, ranOf(call))))
        .finally(() => clearTimeout(timer))
    })
  }

  /**
   * Does it, and once more if that fails on a database that was open: the connection may be lost without a word before.
   * WebKit loses those of pages in the background, and says so at the next request. `transact` sees to it that a commit is
   * not made twice.
   */
  async #attempt<T>(work: Work<T>, call: Call, isLast = false): Promise<T> {
    if (this.#isClosed) throw storeClosed()
    const connection = (this.#connection ??= this.#open())
    const database = await connection
    try {
      return await work(database, call)
    } catch (error) {
      const isFinal = error instanceof ActorError || (error as Error).name === 'QuotaExceededError'
      if (isLast || isFinal || call.isOver) throw error
      database.close()
      this.#forget(connection)
      return this.#attempt(work, call, true)
    }
  }

  #open(): Promise<Database> {
    const forget = (): void => this.#forget(connection)
    const connection = openDB(this.#name, VERSION, {
      upgrade: (database) => void database.createObjectStore(RECORDS),
      blocking() {
        forget()
        void connection.then((database) => database.close())
      },
      terminated: forget,
    }) as unknown as Promise<Database>
    connection.catch(forget)
    return connection
  }

  #forget(connection: Promise<Database>): void {
    if (this.#connection !== connection) return
    this.#connection = undefined
    this.#own = new Map()
  }
}

const ranOf = ({ sent }: Call): 'no' | 'maybe' => (sent ? 'maybe' : 'no')
