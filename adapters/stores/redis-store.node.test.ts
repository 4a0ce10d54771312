import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testStore } from '../../core/testing/index.js'
import { type KeptServer, startKept } from '../fixtures/kept-server.js'
import { LIBRARIES, redisClient, type UserClient } from '../fixtures/redis-clients.js'
import { redisStore } from './redis-store.js'

const runner = { describe, test }
const change = (key: string, ...bytes: number[]) => ({ key, value: Uint8Array.from(bytes) })
const put = (key: string, ...bytes: number[]) => [{ changes: [change(key, ...bytes)] }]

let server: KeptServer
let places = 0
const clients: UserClient[] = []

beforeAll(async () => void (server = await startKept('redis')))
afterAll(async () => {
  for (const client of clients) client.close()
  await server.dispose()
})

describe.each(LIBRARIES)('with %s', (library) => {
  const connected = async (): Promise<UserClient> => {
    const made = await redisClient(library, server.port)
    clients.push(made)
    return made
  }

  testStore({
    name: `redisStore() on ${library}`,
    runner,
    async open() {
      const { client } = await connected()
      const prefix = `place-${places++}`
      return { open: () => redisStore(client, { prefix }) }
    },
  })

  test('keeps stores of different prefixes apart, and leaves the client of the user open', async () => {
    const { client, ping } = await connected()
    const [one, other] = [redisStore(client, { prefix: 'one' }), redisStore(client, { prefix: 'other' })]
    await one.commit(put('a/b', 1))
    expect(await other.read('a/')).toEqual([])
    await one.close()
    await other.close()
    await ping()
  })

  test('waits while the server is away, and loses nothing that it was told is stored', async () => {
    const { client } = await connected()
    const store = redisStore(client, { prefix: `place-${places++}` })
    await store.commit(put('a/b', 1))
    await server.kill()
    const waiting = store.commit([{ expected: change('a/b', 1), changes: [change('a/c', 2)] }])
    await server.start()
    expect(await waiting).toEqual([true])
    expect(await store.read('a/')).toEqual([change('a/b', 1), change('a/c', 2)])
  })

  test('a commit whose answer is lost is not made twice', async () => {
    const { client } = await connected()
    const store = redisStore(client, { prefix: `place-${places++}` })
    let count = 0
    for (let round = 0; round < 5; round++) {
      const committing = (async () => {
        for (let n = 0; n < 50; n++) {
          const expected = { key: 'a/n', value: count === 0 ? undefined : Uint8Array.of(count) }
          expect(await store.commit([{ expected, changes: [change('a/n', ++count)] }])).toEqual([true])
        }
      })()
      await Promise.race([committing, new Promise((resolve) => setTimeout(resolve, 3))])
      await server.kill()
      await server.start()
      await committing
    }
    expect(await store.read('a/')).toEqual([change('a/n', 250)])
  })

  test('gives up when the time is over', async () => {
    const { client } = await connected()
    const store = redisStore(client, { prefix: `place-${places++}`, timeout: 300 })
    await store.commit(put('a/b', 1))
    server.signal('SIGSTOP')
    await expect(store.commit(put('a/b', 2))).rejects.toMatchObject({ code: 'stored-failed', ran: 'maybe' })
    await expect(store.read('a/')).rejects.toMatchObject({ code: 'stored-failed', ran: 'no' })
    server.signal('SIGCONT')
    await server.kill()
    await expect
      .poll(() =>
        store.commit(put('a/b', 3)).then(
          () => undefined,
          (error: unknown) => error,
        ),
      )
      .toMatchObject({
        code: 'stored-failed',
        ran: 'no',
      })
    await server.start()
    await expect.poll(() => store.commit(put('a/b', 4)).catch(() => [])).toEqual([true])
    expect(await store.read('a/')).toEqual([change('a/b', 4)])
  })
})

test('a server that has no memory left says so, and changes nothing', async () => {
  const { client } = await redisClient('ioredis', server.port).then((made) => (clients.push(made), made))
  const config = (value: string) =>
    (client as { config(...args: string[]): Promise<unknown> }).config('SET', 'maxmemory', value)
  const store = redisStore(client, { prefix: `place-${places++}` })
  await store.commit(put('a/b', 1))
  await config('1')
  await expect(store.commit(put('a/b', 2))).rejects.toMatchObject({
    code: 'stored-failed',
    ran: 'no',
    message: expect.stringContaining('OOM') as string,
  })
  await config('0')
  expect(await store.read('a/')).toEqual([change('a/b', 1)])
})

test('rejects at once when the user has closed the client', async () => {
  for (const library of LIBRARIES) {
    const { client, close } = await redisClient(library, server.port)
    const store = redisStore(client)
    close()
    await expect(store.read('a/')).rejects.toMatchObject({ code: 'stored-failed', ran: 'no' })
  }
})

test('takes a client and texts, and nothing else', async () => {
  for (const wrong of [undefined, null, {}, 'redis://localhost', { sendCommand() {} }, Promise.resolve()])
    expect(() => redisStore(wrong as object)).toThrow(expect.objectContaining({ code: 'malformed' }))
  const { client } = await redisClient('ioredis', server.port).then((made) => (clients.push(made), made))
  expect(() => redisStore(client, { timeout: -1 })).toThrow(expect.objectContaining({ code: 'malformed' }))
  expect(() => redisStore(client, { prefix: 5 as never })).toThrow(expect.objectContaining({ code: 'malformed' }))
})
