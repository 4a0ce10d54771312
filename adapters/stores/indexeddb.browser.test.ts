import { deleteDB, openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { cdp } from 'vitest/browser'
import type { Store } from '../../core/adapter.js'
import { testStore } from '../../core/testing/index.js'
import { indexedDb } from './indexeddb.js'

const runner = { describe, test }
const encoder = new TextEncoder()
const change = (key: string, text: string) => ({ key, value: encoder.encode(text) })
const put = (key: string, text: string) => [{ changes: [change(key, text)] }]

/** What is in the database, as text. */
const all = async (store: Store): Promise<string[]> =>
  (await store.read('a/')).map(({ key, value }) => `${key} ${new TextDecoder().decode(value)}`)

let count = 0
/** The database of a test, and stores on it. */
let name: string
let stores: Store[]
const open = (options?: { timeout: number }): Store => {
  const store = indexedDb(name, options)
  stores.push(store)
  return store
}

beforeEach(() => {
  name = `test ${count++}`
  stores = []
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const store of stores) await store.close()
  await deleteDB(name)
})

testStore({
  name: 'indexedDb()',
  runner,
  open: () => {
    const place = `suite ${count++}`
    return { open: () => indexedDb(place), dispose: () => deleteDB(place) }
  },
})

/** Does something else instead of a method, or beside it, the first times that it is called. */
function first<T extends object>(
  prototype: T,
  method: keyof T,
  instead: (real: () => unknown, self: T) => unknown,
  times = 1,
): void {
  if (vi.isMockFunction(prototype[method])) prototype[method].mockRestore()
  const real = prototype[method] as (...args: unknown[]) => unknown
  let left = times
  vi.spyOn(prototype as Record<keyof T, () => unknown>, method as never).mockImplementation(function (
    this: T,
    ...args: unknown[]
  ) {
    return left-- > 0 ? instead(() => real.apply(this, args), this) : real.apply(this, args)
  } as never)
}

const lost = (): never => {
  throw new DOMException('Connection to Indexed Database server lost', 'InvalidStateError')
}

/** The next commit is made, and its transaction says the opposite. Before it does, `meanwhile` is called. */
function loseAnswer(meanwhile: () => void = () => {}): void {
  first(IDBTransaction.prototype, 'commit', (commit, transaction) => {
    const stop = (event: Event): void => {
      event.stopImmediatePropagation()
      meanwhile()
      transaction.dispatchEvent(new Event('abort'))
    }
    // On the way down to the transaction, so that none of its own listeners hears of it.
    transaction.db.addEventListener('complete', stop, { capture: true, once: true })
    commit()
  })
}

test('takes a name, and nothing else', () => {
  for (const wrong of [undefined, null, 5, {}])
    expect(() => indexedDb(wrong as string)).toThrow(expect.objectContaining({ code: 'malformed' }))
  expect(() => indexedDb('x', { timeout: NaN })).toThrow(expect.objectContaining({ code: 'malformed' }))
})

test('waits without end where it is told to', async () => {
  const store = open({ timeout: Infinity })
  expect(await store.commit(put('a/1', 'x'))).toEqual([true])
  expect(await all(store)).toEqual(['a/1 x'])
})

test('waits for the disk at each commit', async () => {
  const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction')
  const store = open()
  await store.commit(put('a/1', 'x'))
  expect(transactions.mock.results.map(({ value }) => (value as IDBTransaction).durability)).toEqual(['strict'])
})

describe('when another connection', () => {
  test('deletes the database, it makes way and goes on with an empty one', async () => {
    const store = open()
    await store.commit(put('a/1', 'old'))
    const blocked = vi.fn<() => void>()
    await deleteDB(name, { blocked })
    expect(blocked).not.toHaveBeenCalled()
    expect(await all(store)).toEqual([])
    expect(await store.commit([{ expected: change('a/1', 'old'), changes: [change('a/1', 'new')] }])).toEqual([false])
    expect(await store.commit(put('a/2', 'new'))).toEqual([true])
    expect(await all(store)).toEqual(['a/2 new'])
  })

  test('deletes it under commits, each is made whole or told to have failed', async () => {
    const store = open()
    for (let round = 1; round <= 30; round++) {
      const commits = [1, 2, 3].map((n) => ({
        changes: [change('a/1', `${round}.${n}`), change('a/2', `${round}.${n}`)],
      }))
      const committed = store.commit(commits).then(
        () => 'made',
        (error: { code: string; ran: string }) => `${error.code} ${error.ran}`,
      )
      const deleted = deleteDB(name)
      expect(await committed).toMatch(/^made$|^stored-failed/)
      await deleted
      expect([[], [`a/1 ${round}.3`, `a/2 ${round}.3`]]).toContainEqual(await all(store))
    }
  })

  test('changes its version, it makes way and refuses to write there', async () => {
    const store = open()
    await store.commit(put('a/1', 'x'))
    const blocked = vi.fn<() => void>()
    const newer = await openDB(name, 2, { blocked })
    expect(blocked).not.toHaveBeenCalled()
    for (const call of [store.read('a/'), store.commit(put('a/1', 'y'))])
      await expect(call).rejects.toMatchObject({ code: 'stored-failed', ran: 'no', cause: { name: 'VersionError' } })
    expect(await newer.get('records', 'a/1')).toEqual(encoder.encode('x'))
    newer.close()
    await deleteDB(name)
    expect(await store.commit(put('a/1', 'z'))).toEqual([true])
  })

  test('is in the way of a third that deletes it, calls end after the timeout, and work when the way is free', async () => {
    const stubborn = await openDB(name, 1, { upgrade: (database) => void database.createObjectStore('records') })
    const isBlocked = new Promise<void>((resolve) => void deleteDB(name, { blocked: () => resolve() }))
    await isBlocked
    const store = open({ timeout: 200 })
    for (const call of [store.read('a/'), store.commit(put('a/1', 'x'))])
      await expect(call).rejects.toMatchObject({ code: 'stored-failed', ran: 'no' })
    stubborn.close()
    await vi.waitFor(() => store.read('a/'))
    expect(await store.commit(put('a/1', 'y'))).toEqual([true])
    expect(await all(store)).toEqual(['a/1 y'])
  })

  test('writes for long, a commit that waited too long is not made later', async () => {
    const store = open({ timeout: 200 })
    await store.commit(put('a/1', 'x'))
    const other = await openDB(name, 1)
    const { store: records, done } = other.transaction('records', 'readwrite')
    let isHeld = true
    const holding = (async () => {
      while (isHeld) await records.get('a/1')
    })()
    const commit = { expected: change('a/1', 'x'), changes: [change('a/1', 'late')] }
    await expect(store.commit([commit])).rejects.toMatchObject({ code: 'stored-failed', ran: 'no' })
    // Without anything that is expected, all of it is with the browser already.
    await expect(store.commit(put('a/2', 'x'))).rejects.toMatchObject({ code: 'stored-failed', ran: 'maybe' })
    isHeld = false
    await Promise.all([holding, done])
    expect(await all(store)).toEqual(['a/1 x', 'a/2 x'])
    other.close()
  })
})

describe('when the connection is lost', () => {
  test('before a call, it opens another and does the call', async () => {
    const store = open()
    await store.commit(put('a/1', 'x'))
    const opens = vi.spyOn(IDBFactory.prototype, 'open')
    first(IDBDatabase.prototype, 'transaction', lost)
    expect(await all(store)).toEqual(['a/1 x'])
    first(IDBDatabase.prototype, 'transaction', lost)
    expect(await store.commit(put('a/1', 'y'))).toEqual([true])
    expect(await all(store)).toEqual(['a/1 y'])
    expect(opens).toHaveBeenCalledTimes(2)
  })

  test('again and again, the call is rejected after the second time', async () => {
    const store = open()
    await store.commit(put('a/1', 'x'))
    first(IDBDatabase.prototype, 'transaction', lost, 4)
    for (const call of [() => store.read('a/'), () => store.commit(put('a/1', 'y'))])
      await expect(call()).rejects.toMatchObject({
        code: 'stored-failed',
        ran: 'no',
        cause: { name: 'InvalidStateError' },
      })
    expect(await all(store)).toEqual(['a/1 x'])
  })

  test('while it reads what is expected, it does so again', async () => {
    const store = open()
    await store.commit(put('a/1', 'x'))
    first(IDBObjectStore.prototype, 'get', (get, { transaction }) => {
      const request = get()
      transaction.abort()
      return request
    })
    expect(await store.commit([{ expected: change('a/1', 'x'), changes: [change('a/1', 'y')] }])).toEqual([true])
    expect(await all(store)).toEqual(['a/1 y'])
  })

  test('after a commit was made, it finds that, and does not make it again', async () => {
    const store = open()
    await store.commit(put('a/1', 'x'))
    const puts = vi.spyOn(IDBObjectStore.prototype, 'put')
    const commits = [
      { expected: change('a/1', 'x'), changes: [change('a/1', 'y'), { key: 'a/2', value: undefined }] },
      { expected: change('a/1', 'x'), changes: [change('a/1', 'z')] },
      { changes: [change('a/3', 'x')] },
    ]
    loseAnswer()
    expect(await store.commit(commits)).toEqual([true, false, true])
    expect(puts.mock.calls.filter(([, key]) => typeof key === 'string')).toHaveLength(2)
    expect(await all(store)).toEqual(['a/1 y', 'a/3 x'])
  })

  test('and a commit was not made, it is made again if it expects a record that is as it was', async () => {
    const store = open()
    await store.commit(put('a/1', 'x'))
    first(IDBTransaction.prototype, 'commit', (_commit, transaction) => transaction.abort())
    expect(await store.commit([{ expected: change('a/1', 'x'), changes: [change('a/2', 'y')] }])).toEqual([true])
    expect(await all(store)).toEqual(['a/1 x', 'a/2 y'])
  })

  test('after a commit was made for which a record had to be absent, it finds that', async () => {
    const store = open()
    const absent = { key: 'a/1', value: undefined }
    loseAnswer()
    expect(await store.commit([{ expected: absent, changes: [change('a/1', 'x')] }])).toEqual([true])
    loseAnswer()
    expect(await store.commit([{ expected: { ...absent, key: 'a/2' }, changes: [change('a/3', 'x')] }])).toEqual([true])
    expect(await all(store)).toEqual(['a/1 x', 'a/3 x'])
  })

  test('and a commit was not made that expects nothing, it may have been made', async () => {
    const store = open()
    await store.commit(put('a/1', 'x'))
    first(IDBTransaction.prototype, 'commit', (_commit, transaction) => transaction.abort())
    await expect(store.commit(put('a/1', 'y'))).rejects.toMatchObject({ code: 'stored-failed', ran: 'maybe' })
    expect(await all(store)).toEqual(['a/1 x'])
  })

  test.each([
    ['what it expected', [change('a/1', 'x')], 'a/1'],
    ['what it changed', [], 'a/2'],
  ])(
    'after a commit was made, and another wrote over %s, it is unknown whether it was made, and the other stays',
    async (_, [expected], key) => {
      const store = open()
      await store.commit(put('a/1', 'x'))
      const other = await openDB(name, 1)
      loseAnswer(() => void other.put('records', encoder.encode('other'), key))
      await expect(store.commit([{ expected, changes: [change('a/2', 'y')] }])).rejects.toMatchObject({
        code: 'stored-failed',
        ran: 'maybe',
      })
      expect(await all(store)).toContain(`${key} other`)
      other.close()
    },
  )
})

describe('a record that is expected as the same realm left it', () => {
  const absent = { key: 'a/1', value: undefined }
  const step = (before: string, after: string) => [{ expected: change('a/1', before), changes: [change('a/1', after)] }]

  test('is not read before the commit: others never wait for a realm that hangs there', async () => {
    const store = open()
    const gets = vi.spyOn(IDBObjectStore.prototype, 'get')
    expect(await store.commit([{ expected: absent, changes: [change('a/1', 'x')] }])).toEqual([true])
    expect(await store.commit(step('x', 'y'))).toEqual([true])
    expect(await store.commit([...step('y', 'z'), { changes: [change('a/2', 'x')] }])).toEqual([true, true])
    expect(gets).not.toHaveBeenCalled()
    expect(await all(store)).toEqual(['a/1 z', 'a/2 x'])
  })

  test('is refused once another realm has changed it, for each value that either of them left', async () => {
    const [one, other] = [open(), open()]
    expect(await one.commit([{ expected: absent, changes: [change('a/1', '0')] }])).toEqual([true])
    for (let turn = 0; turn < 20; turn++) {
      const [next, last] = turn % 2 ? [one, other] : [other, one]
      // It goes back to values that were there before.
      const [now, then, later] = [`${turn % 3}`, `${(turn + 1) % 3}`, `${(turn + 2) % 3}`]
      expect(await next.commit(step(now, then))).toEqual([true])
      expect(await next.commit(step(then, later))).toEqual([true])
      expect(await last.commit(step(now, 'wrong'))).toEqual([false])
      expect(await last.commit(step(later, then))).toEqual([true])
      expect(await all(one)).toEqual([`a/1 ${then}`])
    }
  })

  test('is read again after a commit that expected nothing, one that failed, and a lost connection', async () => {
    const store = open()
    await store.commit([{ expected: absent, changes: [change('a/1', 'x')] }])
    await store.commit(put('a/1', 'y'))
    expect(await store.commit(step('x', 'z'))).toEqual([false])
    expect(await store.commit(step('y', 'z'))).toEqual([true])
    first(IDBTransaction.prototype, 'commit', (_commit, transaction) => transaction.abort())
    const other = open()
    expect(await store.commit(step('z', 'a'))).toEqual([true])
    expect(await other.commit(step('a', 'b'))).toEqual([true])
    expect(await store.commit(step('a', 'c'))).toEqual([false])
  })

  test('marks of it are removed after 30 days', async () => {
    const [one, other] = [open(), open()]
    await one.commit([{ expected: absent, changes: [change('a/1', '0')] }])
    const now = Date.now()
    const date = vi.spyOn(Date, 'now')
    for (let day = 0; day < 100; day++) {
      date.mockReturnValue(now + day * 24 * 60 * 60 * 1_000)
      expect(await (day % 2 ? one : other).commit(step(`${day}`, `${day + 1}`))).toEqual([true])
    }
    const database = await openDB(name, 1)
    const keys = await database.getAllKeys('records')
    database.close()
    expect(keys.filter((key) => Array.isArray(key))).toHaveLength(31)
    expect(await all(one)).toEqual(['a/1 100'])
  })
})

test('a request that cannot be made undoes all of the call', async () => {
  const store = open()
  let calls = 0
  const real = Reflect.get(IDBObjectStore.prototype, 'put') as (...args: unknown[]) => IDBRequest<IDBValidKey>
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
    if (++calls % 2 === 0) throw new DOMException('too large', 'DataError')
    return real.apply(this, args)
  })
  const commits = [...put('a/1', 'x'), ...put('a/2', 'x'), ...put('a/3', 'x')]
  await expect(store.commit(commits)).rejects.toMatchObject({
    code: 'stored-failed',
    ran: 'no',
    cause: { name: 'DataError' },
  })
  expect(await all(store)).toEqual([])
})

test('a page that may not store is told so', async () => {
  const store = open()
  first(IDBFactory.prototype, 'open', () => {
    throw new DOMException('denied', 'SecurityError')
  })
  await expect(store.read('a/')).rejects.toMatchObject({
    code: 'stored-failed',
    ran: 'no',
    cause: { name: 'SecurityError' },
  })
  expect(await store.commit(put('a/1', 'x'))).toEqual([true])
})

test('goes on with an empty database when the browser clears the data of the site', async () => {
  const session = cdp() as { send(method: string, params: object): Promise<unknown> }
  const store = open()
  await store.commit(put('a/1', 'x'))
  await session.send('Storage.clearDataForOrigin', { origin: location.origin, storageTypes: 'indexeddb' })
  expect(await store.commit([{ expected: change('a/1', 'x'), changes: [change('a/1', 'y')] }])).toEqual([false])
  expect(await all(store)).toEqual([])
  expect(await store.commit(put('a/1', 'z'))).toEqual([true])
})
