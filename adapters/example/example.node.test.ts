import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { type ActorError, address, Dispatcher, type Proxy } from '../../core/index.js'
import { type Probe, probes } from '../../core/testing/index.js'
import type { actors } from '../fixtures/thread.js'
import { startServer } from '../fixtures/server-process.js'
import { webSocket } from '../transports/websocket.js'
import { webSocketServer } from '../transports/websocket-server.js'
import { workerThread } from '../transports/worker-threads.js'
import { example } from './example.js'

const thread = (): Worker => new Worker(new URL('../../.cache/fixtures/thread.mjs', import.meta.url))

test('the example runs in a worker thread', async () => {
  await using dispatcher = new Dispatcher()
  const worker = await dispatcher.connect<typeof actors>(workerThread(thread))
  await example(dispatcher, await worker.spawn('Counter', { name: 'counter', args: [10] }))
})

test('the example runs on a server across a WebSocket', async () => {
  const server = await startServer()
  await using dispatcher = new Dispatcher()
  const peer = await dispatcher.connect<typeof actors>(webSocket(server.url))
  await example(dispatcher, await peer.spawn('Counter', { name: 'counter', args: [10] }))
  await server.kill()
})

test('a proxy travels over two hops, and calls on it work: client, server, thread of the server', async () => {
  class Door extends probes.Probe {
    async deeper(): Promise<Proxy<Probe>> {
      const worker = await this.context.dispatcher.connect<typeof actors>(workerThread(thread))
      return worker.spawn('Probe')
    }
  }
  await using client = new Dispatcher()
  await using server = new Dispatcher()
  const { port } = await server.listen(webSocketServer({ port: 0 }), { actors: { Door } })
  const peer = await client.connect<{ Door: typeof Door }>(webSocket(`ws://127.0.0.1:${port}`))
  const door = await peer.spawn('Door')
  const probe = await door.deeper()
  expect(await probe.add(1, 2)).toBe(3)
  expect(address(probe).realm).not.toBe(server.id)
  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => probe.later(n)))
  expect(answers).toEqual(Array.from({ length: 100 }, (_, n) => n))
  expect(await probe.invoke((n) => n + 1, 1)).toBe(2)
  const seen: number[] = []
  for await (const n of probe.count(3)) seen.push(n)
  expect(seen).toEqual([1, 2, 3])
  await expect(probe.throwError()).rejects.toBeInstanceOf(RangeError)
  const here = await client.spawn(probes.Probe)
  expect(await probe.relay(here, 20, 22)).toBe(42)

  const calls = Array.from({ length: 100 }, () => probe.deaf().catch((error: unknown) => error as ActorError))
  // Sent after them on the same link: when it is answered, they have gone on to the thread.
  expect(await door.add(1, 1)).toBe(2)
  await server.peers.find((link) => link.id === address(probe).realm)!.close({ mode: 'kill' })
  for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'unknown', ran: 'maybe' })
  await expect(probe.add(1, 1)).rejects.toMatchObject({ code: 'unreachable', ran: 'no' })
})
