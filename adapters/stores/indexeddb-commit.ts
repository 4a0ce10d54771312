import { ActorError, type StoreCommit } from '../../core/adapter.js'

/** The object store that holds the records, under their keys. */
export const RECORDS = 'records'

/** The part of idb's database that is used. Its own types want those of a page. */
export interface Database {
  transaction(store: string, mode: 'readonly' | 'readwrite', options?: { durability: 'strict' }): Transaction
  createObjectStore(name: string): unknown
  close(): void
}

interface Transaction {
  readonly done: Promise<void>
  readonly store: {
    get(key: string): Promise<Uint8Array | undefined>
    getAll(range: object): Promise<Uint8Array[]>
    getAllKeys(range: object): Promise<string[]>
    add(value: Uint8Array, key: string): Promise<unknown>
    put(value: Uint8Array, key: string): Promise<unknown>
    delete(key: string): Promise<unknown>
  }
  commit(): void
  abort(): void
}

type Records = ReadonlyMap<string, Uint8Array | undefined>

/** What a transaction was told to commit. If it fails after that, it is unknown whether it was made. */
export interface Sent {
  /** The expected records as it found them. */
  readonly found: Records
  /** The records that it changes, as it leaves them. */
  readonly left: Records
  readonly made: readonly boolean[]
}

/**
 * Makes commits in one transaction.
 *
 * All others wait until it ends, and if this realm hangs before it has told it to commit, they wait for long: Chromium
 * undoes such a transaction after 60 s. So all of it is sent at once where that is possible: where no record is expected but
 * absent ones. Of each of these, one is added, which fails if it is there. Otherwise the transaction is asked for the
 * records first, all at once.
 *
 * If the connection is lost after the transaction was told to commit, it may have been made or not. `call.sent` holds it for
 * the next attempt, which has three cases:
 *   - All records that it expected or changed are as it would have left them: it was made, so there is nothing to do.
 *   - All records that it expected are as it found them, and each of its commits expected one: it was not made, or it was
 *     made and changed none of them. What was expected has kept others from writing since, so it is made again, which
 *     changes nothing if it was made before.
 *   - Anything else: another one has written since, over what was made or instead of it. It is not repeated, as it would
 *     undo that, and it is unknown whether it was made.
 */
export async function transact(
  database: Database,
  commits: readonly StoreCommit[],
  call: { readonly isOver?: boolean; sent?: Sent | undefined },
  isRefused = false,
): Promise<readonly boolean[]> {
  const { sent } = call
  const found = new Map<string, Uint8Array | undefined>()
  for (const { expected } of commits) if (expected) found.set(expected.key, undefined)
  for (const key of sent?.left.keys() ?? []) found.set(key, undefined)
  const isAtOnce = !sent && !isRefused && commits.every(({ expected }) => !expected?.value)
  const atOnce = isAtOnce ? outcome(commits, found) : undefined
  const transaction = database.transaction(RECORDS, 'readwrite', { durability: 'strict' })
  const { store, done } = transaction
  void handled(done)
  try {
    if (!isAtOnce) await Promise.all([...found.keys()].map(async (key) => found.set(key, await store.get(key))))
    if (call.isOver) throw new ActorError('stored-failed', 'the time is over')
    if (sent) {
      if (isAs(found, new Map([...sent.found, ...sent.left]))) return sent.made
      if (!isAs(found, sent.found) || !commits.every(({ expected }) => expected))
        throw new ActorError('stored-failed', 'the connection was lost during a commit', { ran: 'maybe' })
    }

    const { left, made } = atOnce ?? outcome(commits, found)
    const requests: Promise<unknown>[] = []
    if (isAtOnce)
      for (const key of found.keys()) {
        requests.push(handled(store.add(new Uint8Array(), key)))
        if (!left.has(key)) left.set(key, undefined)
      }
    for (const [key, value] of left) requests.push(handled(value ? store.put(value, key) : store.delete(key)))
    if (left.size > 0) call.sent = { found, left, made }
    transaction.commit()
    await Promise.all([...requests, done])
    return made
  } catch (error) {
    abort(transaction)
    const { name } = error as Error
    const isThere = isAtOnce && name === 'ConstraintError'
    // The browser has undone it.
    if (isThere || name === 'QuotaExceededError') call.sent = sent
    if (isThere) return transact(database, commits, call, true)
    throw error
  }
}

/** What becomes of commits where records are as they were found: the records that change, and which commits are made. */
function outcome(commits: readonly StoreCommit[], found: Records) {
  const left = new Map<string, Uint8Array | undefined>()
  const made = commits.map(({ expected, changes }) => {
    const { key = '', value } = expected ?? {}
    if (expected && !isSame(left.has(key) ? left.get(key) : found.get(key), value)) return false
    // A copy: of a view, the whole buffer would be stored.
    for (const change of changes) left.set(change.key, change.value && new Uint8Array(change.value))
    return true
  })
  return { left, made }
}

/** The promise, which may reject before it is awaited, or without that. */
function handled(promise: Promise<unknown>): Promise<unknown> {
  promise.catch(() => {})
  return promise
}

/** Without it, the transaction would commit what was requested of it so far. */
function abort(transaction: Transaction): void {
  try {
    transaction.abort()
  } catch {
    // It has ended.
  }
}

const isAs = (found: Records, records: Records): boolean =>
  [...records].every(([key, value]) => isSame(found.get(key), value))

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (!one || !other) return one === other
  return one.length === other.length && one.every((byte, place) => byte === other[place])
}
