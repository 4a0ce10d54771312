import { expect, test, vi } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import { startBroker } from '../fixtures/broker-server.js'
import { natsConnection } from '../fixtures/clients.js'
import { nats } from './nats.js'

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
