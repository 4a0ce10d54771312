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
    put(value: Uint8Array, key: string): Promise<unknown>
    delete(key: string): Promise<unknown>
  }
  commit(): void
  abort(): void
}

type Records = ReadonlyMap<string, Uint8Array | undefined>

/** What a transaction was told to commit. If it then fails, nobody knows whether it was. */
export interface Sent {
  /** The expected records as it found them. */
  readonly found: Records
  /** The records that it changes, as it leaves them. */
  readonly left: Records
  readonly made: readonly boolean[]
}

/**
 * Makes commits in one transaction. Of all that is expected, it asks at once, and then it writes all at once: as long as the
 * transaction waits for this realm, it holds up all others.
 *
 * If the connection is lost after the transaction was told to commit, it may have been made or not. `call.sent` holds it for
 * the next attempt, which has three cases:
 *   - All records that it expected and changed are as it would have left them: it was made, so there is nothing to do.
 *   - All records that it expected are as it found them, and each of its commits expected one: it was not made, or it was
 *     made and changed none of them. Either way nobody else wrote in between who was not excluded by what was expected, so
 *     it is made again, which changes nothing the second time.
 *   - Anything else: another one has written since, over what was made or instead of it. It is not repeated, as it would
 *     undo that, and nobody can say what became of it.
 */
export async function transact(
  database: Database,
  commits: readonly StoreCommit[],
  call: { readonly isOver?: boolean; sent?: Sent | undefined },
): Promise<readonly boolean[]> {
  const { sent } = call
  const transaction = database.transaction(RECORDS, 'readwrite', { durability: 'strict' })
  const { store, done } = transaction
  void handled(done)
  try {
    const keys = new Set(commits.flatMap(({ expected }) => (expected ? [expected.key] : [])))
    for (const key of sent?.left.keys() ?? []) keys.add(key)
    const found = new Map<string, Uint8Array | undefined>()
    await Promise.all([...keys].map(async (key) => found.set(key, await store.get(key))))
    if (call.isOver) throw new ActorError('stored-failed', 'the time is over')
    if (sent) {
      if (isAs(found, new Map([...sent.found, ...sent.left]))) return sent.made
      if (!isAs(found, sent.found) || !commits.every(({ expected }) => expected))
        throw new ActorError('stored-failed', 'the connection was lost during a commit', { ran: 'maybe' })
    }

    const left = new Map<string, Uint8Array | undefined>()
    const made = commits.map(({ expected, changes }) => {
      const { key = '', value } = expected ?? {}
      if (expected && !isSame(left.has(key) ? left.get(key) : found.get(key), value)) return false
      // A copy: of a view, the whole buffer would be stored.
      for (const change of changes) left.set(change.key, change.value && new Uint8Array(change.value))
      return true
    })
    const requests = [...left].map(([key, value]) => handled(value ? store.put(value, key) : store.delete(key)))
    if (left.size > 0) call.sent = { found, left, made }
    transaction.commit()
    await Promise.all([...requests, done])
    return made
  } catch (error) {
    // Then the browser has undone it.
    if ((error as Error).name === 'QuotaExceededError') call.sent = sent
    abort(transaction)
    throw error
  }
}

/** The promise, which may reject when nobody awaits it yet, or any more. */
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
