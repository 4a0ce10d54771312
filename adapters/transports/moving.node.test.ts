import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { Dispatcher, info, monitor, type Peer, type Proxy } from '../../core/index.js'
import { move } from '../../core/moving/index.js'
import type { actors as threaded } from '../fixtures/thread.js'
import { faults, Nomad, Sender, type Sent } from '../fixtures/nomad.js'
import { startServer } from '../fixtures/server-process.js'
import { childProcess } from './child-process.js'
import { webSocket } from './websocket.js'
import { workerThread } from './worker-threads.js'

const MOVES = 24
const actors = { Nomad, Sender }
type Offered = typeof actors

const built = (name: string): URL => new URL(`../../.cache/fixtures/${name}.mjs`, import.meta.url)
const newThread = (): Worker => new Worker(built('thread'))
const newChild = () =>
  fork(fileURLToPath(built('child')), { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })

test(`an actor is moved ${MOVES} times between threads, processes and a server, while each of them calls it`, async () => {
  const server = await startServer()
  const dispatcher = new Dispatcher()
  const dial = { actors }
  const peers: Peer<Offered>[] = [
    await dispatcher.connect<Offered>(workerThread(newThread), dial),
    await dispatcher.connect<Offered>(childProcess(newChild), dial),
    await dispatcher.connect<Offered>(webSocket(server.url), dial),
  ]
  const nomad = await dispatcher.spawn(Nomad, { name: 'nomad' })
  const senders: Record<string, Proxy<Sender>> = { here: await dispatcher.spawn(Sender) }
  for (const [n, peer] of peers.entries()) senders[`peer ${n}`] = await peer.spawn('Sender')
  for (const [name, sender] of Object.entries(senders)) await sender.begin(nomad, name, 4)
  const goals = [...peers, dispatcher]
  for (let n = 0; n < MOVES; n++) {
    // Home, and from one peer to another.
    const goal = goals[(n * 3 + (n >> 2)) % goals.length]!
    await move(nomad, goal)
    expect(await info(nomad)).toMatchObject({ realm: goal.id, name: 'nomad' })
  }
  const sent: Record<string, Sent> = {}
  for (const [name, sender] of Object.entries(senders)) sent[name] = await sender.end()
  const entries = await nomad.entries()
  console.log(`${MOVES} moves, ${entries.length} calls`)
  expect(faults(entries, sent)).toEqual([])
  const ids = new Set(goals.map(({ id }) => id))
  for (const { realms } of Object.values(sent)) expect(new Set(realms)).toEqual(ids)
  expect(entries.length).toBeGreaterThan(MOVES * 10)
  await dispatcher.close()
  await server.kill()
})

test('an actor that was moved out of a thread is not started again when that dies, and goes on', async () => {
  await using dispatcher = new Dispatcher({ log: () => {} })
  let thread!: Worker
  const peer = await dispatcher.connect<Offered>(
    workerThread(() => (thread = newThread())),
    { actors },
  )
  const nomad = await peer.spawn('Nomad', { name: 'nomad' })
  const other = await peer.spawn('Nomad', { name: 'other' })
  await nomad.call('a', 0)
  await other.call('a', 0)
  await move(nomad, dispatcher)
  await thread.terminate()
  await nomad.call('a', 1)
  expect(await nomad.entries()).toEqual([
    ['a', 0],
    ['a', 1],
  ])
  // The other one was, anew.
  await other.call('a', 1)
  expect(await other.entries()).toEqual([['a', 1]])
  expect(await info(nomad)).toMatchObject({ realm: dispatcher.id })
  expect(await peer.lookup('nomad')).toBeUndefined()
})

test('an actor that its thread moved on by itself is not started again either', async () => {
  const server = await startServer()
  await using dispatcher = new Dispatcher({ log: () => {} })
  let thread!: Worker
  const make = (): Worker => (thread = newThread())
  const peer = await dispatcher.connect<typeof threaded>(workerThread(make), { actors })
  const direct = await dispatcher.connect<Offered>(webSocket(server.url))
  const nomad = await peer.spawn('Nomad', { name: 'nomad' })
  await nomad.call('a', 0)
  await (await peer.spawn('Carrier')).carry(nomad, server.url)
  await nomad.call('a', 1)
  await thread.terminate()
  await expect(nomad.call('a', 2)).rejects.toMatchObject({ code: 'unreachable', ran: 'no' })
  await (await peer.spawn('Nomad')).call('b', 0)
  expect(await peer.lookup('nomad')).toBeUndefined()
  const found = (await direct.lookup<Nomad>('nomad'))!
  expect(await found.entries()).toEqual([
    ['a', 0],
    ['a', 1],
  ])
  await server.kill()
})

test('an actor that came by a peer which knows no moves stays where that would start it again', async () => {
  const server = await startServer()
  await using dispatcher = new Dispatcher({ log: () => {} })
  const peer = await dispatcher.connect<typeof threaded>(workerThread(newThread))
  const nomad = await peer.spawn('Nomad')
  const carrying = (await peer.spawn('Carrier')).carry(nomad, server.url)
  await expect(carrying).rejects.toMatchObject({ code: 'not-movable' })
  await nomad.call('a', 0)
  expect(await info(nomad)).toMatchObject({ realm: peer.id })
  await server.kill()
})

test('an actor that was moved into a thread ends with it, and its name is free', async () => {
  await using dispatcher = new Dispatcher({ log: () => {} })
  let thread!: Worker
  const peer = await dispatcher.connect<Offered>(workerThread(() => (thread = newThread())))
  const nomad = await dispatcher.spawn(Nomad, { name: 'nomad' })
  await move(nomad, peer)
  const { down } = monitor(nomad)
  const calls = Array.from({ length: 10 }, (_, n) => nomad.call('a', n))
  await thread.terminate()
  const settled = await Promise.allSettled(calls)
  expect(settled.every(({ status }) => status === 'rejected' || status === 'fulfilled')).toBe(true)
  expect(await down).toMatchObject({ code: 'unreachable' })
  await expect(nomad.call('a', 10)).rejects.toMatchObject({ code: 'unreachable', ran: 'no' })
  await dispatcher.spawn(Nomad, { name: 'nomad' })
})
