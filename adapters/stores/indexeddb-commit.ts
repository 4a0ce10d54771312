import { ActorError, isSameBytes, type StoreCommit } from '../../core/adapter.js'

/** The object store that holds the records, under their keys. */
export const RECORDS = 'records'

declare const IDBKeyRange: { bound(from: Key, to: Key): object }

/** The key of a record, or of a mark. */
type Key = string | readonly [key: string, value?: Uint8Array | readonly []]

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
    getAll<T = Uint8Array>(range: object): Promise<T[]>
    getAllKeys(range: object): Promise<Key[]>
    add(value: Uint8Array, key: Key): Promise<unknown>
    put(value: Uint8Array | number, key: Key): Promise<unknown>
    delete(key: Key): Promise<unknown>
  }
  commit(): void
  abort(): void
  addEventListener(type: 'complete' | 'abort', listener: () => void): void
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

/** Values of records that this realm left as the last one, as far as it knows. They were expected, and so is their next value. */
export type Own = Map<string, Uint8Array>

/** Bytes of the longest value that is kept as a part of a key. */
const LONGEST = 1_024
/** Milliseconds for which a mark is kept: 30 days. */
const KEPT = 30 * 24 * 60 * 60 * 1_000

/**
 * Makes commits in one transaction.
 *
 * All others wait until it ends, and if this realm hangs before it has told it to commit, they wait for long: Chromium
 * undoes such a transaction after 60 s. So all of it, and the word to commit, is sent at once where that is possible: where each record that is
 * expected is to be absent, or to be as this realm left it. It adds a record in the place of each of the former, which fails
 * if there is one. Otherwise the transaction is asked for the records first, all at once.
 *
 * Who changes a record that another realm left puts a mark: a record whose key is that of the record, and its value. So a
 * realm that expects what it left itself adds that mark, which fails if another one has changed the record since, and
 * removes it again. This holds because a record that is expected is changed only by commits that expect it.
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
  own: Own,
  isRefused = false,
): Promise<readonly boolean[]> {
  const { sent } = call
  const found = new Map<string, Uint8Array | undefined>()
  let isAtOnce = !sent && !isRefused
  for (const { expected } of commits) {
    if (!expected) continue
    const { key, value } = expected
    if (value && !isSameBytes(own.get(key), value)) isAtOnce = false
    if (!found.has(key)) found.set(key, value)
  }
  const expected = [...found.keys()]
  for (const key of sent?.left.keys() ?? []) found.set(key, undefined)
  const atOnce = isAtOnce ? outcome(commits, found) : undefined
  const isUndone = await undoesFailed(database)
  const transaction = database.transaction(RECORDS, 'readwrite', { durability: 'strict' })
  const { store, done } = transaction
  void handled(done)
  try {
    const old: Key[] = []
    if (!isAtOnce)
      await Promise.all([
        ...[...found.keys()].map(async (key) => found.set(key, await store.get(key))),
        ...expected.map(async (key) => old.push(...(await oldMarks(store, key)))),
      ])
    if (call.isOver) throw new ActorError('stored-failed', 'the time is over')
    if (sent) {
      if (isAs(found, new Map([...sent.found, ...sent.left]))) return sent.made
      if (!isAs(found, sent.found) || !commits.every((commit) => commit.expected))
        throw new ActorError('stored-failed', 'the connection was lost during a commit', { ran: 'maybe' })
    }

    const { left, made } = atOnce ?? outcome(commits, found)
    const requests: Promise<unknown>[] = []
    for (const key of expected) {
      const value = found.get(key)
      if (isAtOnce) {
        requests.push(handled(store.add(NOTHING, value ? [key, value] : key)))
        if (value) requests.push(handled(store.delete([key, value])))
        else if (!left.has(key)) left.set(key, undefined)
      } else if (value && left.has(key) && value.length <= LONGEST)
        requests.push(handled(store.put(Date.now(), [key, value])))
    }
    for (const key of old) requests.push(handled(store.delete(key)))
    for (const [key, value] of left) requests.push(handled(value ? store.put(value, key) : store.delete(key)))
    if (left.size > 0) call.sent = { found, left, made }
    if (isUndone) transaction.commit()
    await Promise.all([...requests, done])
    if (!isAtOnce) for (const key of expected) own.delete(key)
    for (const [key, value] of left) {
      if (value && value.length <= LONGEST && expected.includes(key)) own.set(key, value)
      else own.delete(key)
    }
    return made
  } catch (error) {
    abort(transaction)
    for (const key of expected) own.delete(key)
    const { name } = error as Error
    const isThere = isAtOnce && name === 'ConstraintError'
    // The browser has undone it.
    if (isThere || name === 'QuotaExceededError') call.sent = sent
    if (isThere) return transact(database, commits, call, own, true)
    throw error
  }
}

const NOTHING = new Uint8Array()
/** The key of no record. */
const PROBE: Key = ['']

let undoing: Promise<boolean> | undefined

/**
 * Whether a request that fails undoes a transaction that was told to commit before it failed. In Firefox only the last request
 * does, and the others are committed. There, a transaction is left to commit by itself. Asked once, by one that changes nothing.
 */
async function undoesFailed(database: Database): Promise<boolean> {
  try {
    return await (undoing ??= probe(database))
  } catch (error) {
    undoing = undefined
    throw error
  }
}

async function probe(database: Database): Promise<boolean> {
  const transaction = database.transaction(RECORDS, 'readwrite')
  const { store, done } = transaction
  const requests = [store.add(NOTHING, PROBE), store.add(NOTHING, PROBE), store.delete(PROBE)].map(handled)
  // `done` of idb rejects when a request fails, whatever becomes of the transaction.
  void handled(done)
  const isMade = new Promise<boolean>((resolve) => {
    transaction.addEventListener('complete', () => resolve(true))
    transaction.addEventListener('abort', () => resolve(false))
  })
  transaction.commit()
  if (await isMade) return false
  const failure: unknown = await requests[1]!.catch((error: unknown) => error)
  if ((failure as Error).name === 'ConstraintError') return true
  throw failure
}

/** The marks of a record that are so old that no realm may still rely on them. */
async function oldMarks(store: Transaction['store'], key: string): Promise<Key[]> {
  const range = IDBKeyRange.bound([key], [key, []])
  const [marks, times] = await Promise.all([store.getAllKeys(range), store.getAll<number>(range)])
  return marks.filter((_, place) => Date.now() - times[place]! > KEPT)
}

/** What becomes of commits where records are as they were found: the records that change, and which commits are made. */
function outcome(commits: readonly StoreCommit[], found: Records) {
  const left = new Map<string, Uint8Array | undefined>()
  const made = commits.map(({ expected, changes }) => {
    const { key = '', value } = expected ?? {}
    if (expected && !isSameBytes(left.has(key) ? left.get(key) : found.get(key), value)) return false
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
  [...records].every(([key, value]) => isSameBytes(found.get(key), value))
