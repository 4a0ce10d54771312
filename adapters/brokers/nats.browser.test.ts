import { wsconnect } from '@nats-io/nats-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commands } from 'vitest/browser'
import { Dispatcher, type Proxy } from '../../core/index.js'
import type { Probe } from '../../core/testing/index.js'
import { nats } from './nats.js'

let port: number
beforeAll(async () => void (port = await commands.startNats()))
afterAll(() => commands.endNats(port))

test('a page is a member beside those in Node, also after a restart of the server', async () => {
  const prefix = 'page'
  for (let n = 0; n < 3; n++) await commands.startNatsMember(port, prefix)
  const patience = { maxReconnectAttempts: -1, reconnectTimeWait: 50 }
  const connection = await wsconnect({ servers: `ws://127.0.0.1:${port}`, ...patience })
  const dispatcher = new Dispatcher({ log: () => {} })
  const joined = await dispatcher.join(nats(connection, { prefix }))
  await expect.poll(() => joined.peers.length).toBe(3)
  const spawned = await Promise.all(joined.peers.map((peer) => peer.spawn('Probe')))
  const each = spawned as unknown as Proxy<Probe>[]
  expect(await Promise.all(each.map((probe) => probe.add(1, 2)))).toEqual([3, 3, 3])
  const restarted = commands.restartNats(port)
  const calls = Array.from({ length: 50 }, (_, n) => each[n % 3]!.add(n, 1))
  await restarted
  expect(await Promise.all(calls)).toEqual(calls.map((_, n) => n + 1))
  expect(await each[0]!.echo(new Uint8Array(2_000_000))).toHaveLength(2_000_000)
  await dispatcher.close()
  expect(connection.isClosed()).toBe(false)
  await connection.close()
})

test('a page is refused the key of a cluster', async () => {
  const connection = await wsconnect({ servers: `ws://127.0.0.1:${port}` })
  const key = '0123456789abcdef0123456789abcdef'
  expect(() => nats(connection, { key })).toThrow(expect.objectContaining({ code: 'unauthorized', ran: 'no' }))
  await connection.close()
})
