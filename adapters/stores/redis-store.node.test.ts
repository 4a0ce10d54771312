import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BrokerServer, startBroker } from '../fixtures/broker-server.js'
import { type UserClient, userClient } from '../fixtures/clients.js'
import { redisStore } from './redis-store.js'

const change = (key: string, ...bytes: number[]) => ({ key, value: Uint8Array.from(bytes) })
const put = (key: string, ...bytes: number[]) => [{ changes: [change(key, ...bytes)] }]

let server: BrokerServer
let user: UserClient

beforeAll(async () => {
  server = await startBroker('lasting-redis')
  user = await userClient('ioredis', server.port)
})
afterAll(async () => {
  user.close()
  await server.dispose()
})

test('a server that has no memory left says so, and changes nothing', async () => {
  const { client } = user
  const config = (value: string) =>
    (client as { config(...args: string[]): Promise<unknown> }).config('SET', 'maxmemory', value)
  const store = redisStore(client)
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

test('takes a client and texts, and nothing else', () => {
  for (const wrong of [undefined, null, {}, 'redis://localhost', { sendCommand() {} }, Promise.resolve()])
    expect(() => redisStore(wrong as object)).toThrow(expect.objectContaining({ code: 'malformed' }))
  expect(() => redisStore(user.client, { timeout: -1 })).toThrow(expect.objectContaining({ code: 'malformed' }))
  expect(() => redisStore(user.client, { prefix: 5 as never })).toThrow(expect.objectContaining({ code: 'malformed' }))
})
