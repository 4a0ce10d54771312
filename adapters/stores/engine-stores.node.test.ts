import { describe, expect, test } from 'vitest'
import { testStore } from '../../core/testing/index.js'
import { ENGINES } from '../fixtures/engines.js'
import { RunningEngine } from '../fixtures/running-engine.js'

const runner = { describe, test }
const change = (key: string, ...bytes: number[]) => ({ key, value: Uint8Array.from(bytes) })
const put = (key: string, ...bytes: number[]) => [{ changes: [change(key, ...bytes)] }]

describe.each(ENGINES)('the store of $name', (engine) => {
  const running = new RunningEngine(engine)

  testStore({
    name: `the store of ${engine.name}`,
    runner,
    async open() {
      const { client } = await running.connect()
      const place = running.place()
      return { open: () => engine.store(client, place) }
    },
  })

  test('keeps stores of different names apart, and leaves the client of the user open', async () => {
    const { client, ping } = await running.connect()
    const [one, other] = [engine.store(client, 'one'), engine.store(client, 'other')]
    await one.commit(put('a/b', 1))
    expect(await other.read('a/')).toEqual([])
    await one.close()
    await other.close()
    await ping()
  })

  test('waits while the server is away, and loses nothing that it was told is stored', async () => {
    const { client } = await running.connect()
    const store = engine.store(client, running.place())
    await store.commit(put('a/b', 1))
    await running.server.kill()
    const waiting = store.commit([{ expected: change('a/b', 1), changes: [change('a/c', 2)] }])
    await running.server.start()
    expect(await waiting).toEqual([true])
    expect(await store.read('a/')).toEqual([change('a/b', 1), change('a/c', 2)])
  })

  test('a commit whose answer is lost is not made twice', async () => {
    const { client } = await running.connect()
    const store = engine.store(client, running.place())
    let count = 0
    for (let round = 0; round < 5; round++) {
      const committing = (async () => {
        for (let n = 0; n < 50; n++) {
          const expected = { key: 'a/n', value: count === 0 ? undefined : Uint8Array.of(count) }
          expect(await store.commit([{ expected, changes: [change('a/n', ++count)] }])).toEqual([true])
        }
      })()
      await Promise.race([committing, new Promise((resolve) => setTimeout(resolve, 3))])
      await running.server.kill()
      await running.server.start()
      await committing
    }
    expect(await store.read('a/')).toEqual([change('a/n', 250)])
  })

  test('gives up when the time is over', async () => {
    const { client } = await running.connect()
    const store = engine.store(client, running.place(), 300)
    const outcome = (value: number): Promise<unknown> =>
      store.commit(put('a/b', value)).catch((error: unknown) => error)
    await store.commit(put('a/b', 1))
    running.server.signal('SIGSTOP')
    // Once it has stopped.
    await expect.poll(() => outcome(2)).toMatchObject({ code: 'stored-failed', ran: 'maybe' })
    await expect(store.read('a/')).rejects.toMatchObject({ code: 'stored-failed', ran: 'no' })
    running.server.signal('SIGCONT')
    await running.server.kill()
    await expect.poll(() => outcome(3)).toMatchObject({ code: 'stored-failed', ran: 'no' })
    await running.server.start()
    await expect.poll(() => outcome(4), { timeout: 10_000 }).toEqual([true])
    expect(await store.read('a/')).toEqual([change('a/b', 4)])
  })

  test('goes on where another process has changed the records', async () => {
    const place = running.place()
    const [one, other] = await Promise.all([running.connect(), running.connect()])
    const stores = [engine.store(one.client, place), engine.store(other.client, place)] as const
    for (let n = 0; n < 600; n++) {
      const expected = { key: 'a/n', value: n === 0 ? undefined : Uint8Array.of((n - 1) >> 8, (n - 1) & 255) }
      const store = stores[n % 2 === 0 || n > 300 ? 0 : 1]!
      expect(
        await store.commit([{ expected, changes: [change('a/n', n >> 8, n & 255), change(`a/${n % 10}`, n & 255)] }]),
      ).toEqual([true])
    }
    for (const store of stores) {
      const records = await store.read('a/')
      expect(records.at(-1)).toEqual(change('a/n', 599 >> 8, 599 & 255))
      expect(records.length).toBe(11)
    }
  })

  test('rejects at once when the user has closed the client', async () => {
    const { client, close } = await running.connect()
    const store = engine.store(client, running.place())
    await store.commit(put('a/b', 1))
    close()
    await expect(store.read('a/')).rejects.toMatchObject({ code: 'stored-failed', ran: 'no' })
  })
})
