import type { EventEmitter } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import { startBroker } from '../fixtures/broker-server.js'
import { natsConnection, nodeRedis } from '../fixtures/clients.js'
import { nats } from './nats.js'
import { redis } from './redis.js'

test('a connection to NATS keeps nothing of buses that were left, and a bus ends when it is closed', async () => {
  const server = await startBroker('nats')
  const connection = await natsConnection(server.port)
  const closed = vi.spyOn(connection, 'closed')
  const said: string[] = []
  await using dispatcher = new Dispatcher({ log: ({ text }) => said.push(text) })
  for (let n = 0; n < 5; n++) await (await dispatcher.join(nats(connection))).leave()
  // What waits for that promise is kept until the connection is closed.
  expect(closed).toHaveBeenCalledTimes(1)
  await dispatcher.join(nats(connection))
  await connection.close()
  await expect.poll(() => said.join()).toContain('a bus was lost')
  await server.dispose()
})

test('a bus on NATS ends when the server forbids what it needs, and not for what else its connection may not do', async () => {
  const open = async (subject: string): Promise<string> => {
    let tell: (status: object) => void = () => {}
    const told = new Promise<object>((resolve) => (tell = resolve))
    const connection = {
      isClosed: () => false,
      publish: () => {},
      subscribe: () => ({ unsubscribe: () => {} }),
      flush: async () => {},
      closed: () => new Promise<never>(() => {}),
      async *status() {
        yield await told
      },
    }
    const said: string[] = []
    await using dispatcher = new Dispatcher({ log: ({ text }) => said.push(text) })
    await dispatcher.join(nats(connection as never))
    tell({ type: 'error', error: Object.assign(new Error('permissions violation'), { subject }) })
    await new Promise(setImmediate)
    return said.join()
  }
  expect(await open('troupe.store.carts.a')).toBe('')
  expect(await open('troupe.locks.jobs.a')).toBe('')
  for (const subject of ['troupe.all', 'troupe.to.a', 'troupe.leaf.ann.a'])
    expect(await open(subject)).toContain('a bus was lost')
})

/** Unlike `once` of Node, it does not reject when there is an error. */
const once = (client: EventEmitter, event: string): Promise<void> =>
  new Promise((resolve) => client.once(event, resolve))

describe('the second connection to Redis is closed with the bus', () => {
  const setup = async () => {
    const server = await startBroker('redis')
    const admin = await nodeRedis(server.port)
    const client = await nodeRedis(server.port)
    const made = vi.spyOn(client, 'duplicate')
    const dispatcher = new Dispatcher({ log: () => {} })
    return {
      server,
      client,
      dispatcher,
      /** What the bus has made. */
      made: (): typeof client => made.mock.results[0]?.value as typeof client,
      /** Resolves when only the two clients of the test are connected. */
      left: async () => {
        await client.ping()
        await expect.poll(async () => (await admin.clientList()).length, { timeout: 5_000 }).toBe(2)
      },
      [Symbol.asyncDispose]: async () => {
        await dispatcher.close()
        for (const each of [admin, client]) each.destroy()
        await server.dispose()
      },
    }
  }

  test('that is left while it connects', async () => {
    await using here = await setup()
    const joining = here.dispatcher.join(redis(here.client)).catch((error: unknown) => error)
    while (!here.made()) await Promise.resolve()
    const connected = once(here.made(), 'connect')
    await here.dispatcher.close()
    expect(await joining).toMatchObject({ code: 'stopped' })
    await connected
    await here.left()
    expect(here.made().isOpen).toBe(false)
  })

  test('that is left while it connects again', async () => {
    await using here = await setup()
    const bus = await here.dispatcher.join(redis(here.client))
    const subscriber = here.made()
    await here.server.kill()
    await once(subscriber, 'error')
    await here.server.start()
    await once(subscriber, 'reconnecting')
    const connected = once(subscriber, 'connect')
    await bus.leave()
    await connected
    await here.left()
    expect(subscriber.isOpen).toBe(false)
  })

  test('that is left while the server is away', async () => {
    await using here = await setup()
    const bus = await here.dispatcher.join(redis(here.client))
    const subscriber = here.made()
    await here.server.kill()
    await once(subscriber, 'reconnecting')
    await bus.leave()
    await expect.poll(() => subscriber.isOpen).toBe(false)
    await here.server.start()
    await here.left()
  })
})
