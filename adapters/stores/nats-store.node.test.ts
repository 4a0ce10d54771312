import type { NatsConnection } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BrokerServer, startBroker } from '../fixtures/broker-server.js'
import { natsConnection } from '../fixtures/clients.js'
import { natsStore } from './nats-store.js'

const change = (key: string, value: Uint8Array) => ({ key, value })
let server: BrokerServer
let connection: NatsConnection

beforeAll(async () => {
  server = await startBroker('nats')
  connection = await natsConnection(server.port)
})
afterAll(async () => {
  await connection.close()
  await server.dispose()
})

interface State {
  readonly messages: number
  readonly bytes: number
}

async function stateOf(bucket: string): Promise<State> {
  const { data } = await connection.request(`$JS.API.STREAM.INFO.troupe_store_${bucket}`)
  return (JSON.parse(new TextDecoder().decode(data)) as { state: State }).state
}

test('the stream does not grow with the number of commits', async () => {
  const store = natsStore(connection, { bucket: 'bounded' })
  for (let n = 0; n < 2_000; n++)
    await store.commit([
      { changes: [change('a/state', new Uint8Array(1_000).fill(n)), change(`a/${n % 5}`, Uint8Array.of(n))] },
    ])
  expect((await store.read('a/')).length).toBe(6)
  await expect.poll(async () => (await stateOf('bounded')).messages).toBeLessThan(300)
  expect((await natsStore(connection, { bucket: 'bounded' }).read('a/')).length).toBe(6)
})

test('records that are larger than a message are kept whole, and replaced', async () => {
  const store = natsStore(connection, { bucket: 'large' })
  const value = (seed: number): Uint8Array => Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 7 + seed) & 255)
  for (let seed = 0; seed < 6; seed++) {
    await store.commit([{ changes: [change('a/large', value(seed)), change('a/seed', Uint8Array.of(seed))] }])
    const [large, small] = await natsStore(connection, { bucket: 'large' }).read('a/')
    expect(small!.value).toEqual(Uint8Array.of(seed))
    expect(Buffer.compare(large!.value, value(seed))).toBe(0)
  }
  expect((await stateOf('large')).bytes).toBeLessThan(4 * 3_000_000)
})

test('refuses a commit that changes records of several actors', async () => {
  const store = natsStore(connection)
  const changes = [change('a/b', Uint8Array.of(1)), change('b/b', Uint8Array.of(1))]
  await expect(store.commit([{ changes }])).rejects.toMatchObject({ code: 'malformed' })
  expect(await store.read('a/')).toEqual([])
  expect(await store.commit(changes.map((each) => ({ changes: [each] })))).toEqual([true, true])
})

test('takes a connection and texts, and nothing else', () => {
  for (const wrong of [undefined, null, {}, 'nats://localhost', { request() {} }, Promise.resolve()])
    expect(() => natsStore(wrong as object)).toThrow(expect.objectContaining({ code: 'malformed' }))
  for (const bucket of ['', 'a.b', 'a b', '*', 5 as never])
    expect(() => natsStore(connection, { bucket })).toThrow(expect.objectContaining({ code: 'malformed' }))
  expect(() => natsStore(connection, { timeout: -1 })).toThrow(expect.objectContaining({ code: 'malformed' }))
})

test('a stream that is gone is made again: what was in it is missing, and so a commit that expects it is not made', async () => {
  const store = natsStore(connection, { bucket: 'gone' })
  const one = change('a/b', Uint8Array.of(1))
  await store.commit([{ changes: [one] }])
  await connection.request('$JS.API.STREAM.DELETE.troupe_store_gone')
  expect(await store.commit([{ expected: one, changes: [change('a/b', Uint8Array.of(2))] }])).toEqual([false])
  expect(await store.read('a/')).toEqual([])
  expect(await store.commit([{ expected: { key: 'a/b', value: undefined }, changes: [one] }])).toEqual([true])
  await connection.request('$JS.API.STREAM.DELETE.troupe_store_gone')
  expect(await store.read('a/')).toEqual([])
})
