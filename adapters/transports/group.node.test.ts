import { Worker } from 'node:worker_threads'
import { afterEach, expect, test, vi } from 'vitest'
import { type Actor, Dispatcher } from '../../core/index.js'
import { group } from '../../core/group/index.js'
import type { Tasks } from '../fixtures/tasks.js'
import { workerThread } from './worker-threads.js'

const file = new URL('../../.cache/fixtures/thread.mjs', import.meta.url)
const MANY = 5

let dispatcher: Dispatcher
afterEach(() => dispatcher.close({ mode: 'kill' }))

test('a group over threads runs each call once, and loses the members of a thread that dies within a second', async () => {
  dispatcher = new Dispatcher({ log: () => {} })
  const threads: Worker[] = []
  const shared = new SharedArrayBuffer(4 * 100)
  const ran = new Int32Array(shared)
  const peers = await Promise.all(
    Array.from({ length: MANY }, () => {
      const thread = new Worker(file)
      threads.push(thread)
      return dispatcher.connect<{ Tasks: typeof Tasks }>(workerThread(thread))
    }),
  )
  for (const peer of peers) await peer.spawn('Tasks', { args: [shared], group: 'tasks' })
  const tasks = group<Tasks & Actor>(dispatcher, 'tasks')
  await vi.waitFor(async () => expect(await tasks.members()).toHaveLength(MANY), { timeout: 20_000 })
  await Promise.all(Array.from({ length: 100 }, (_, id) => tasks.any.add(id, 1)))
  expect([...ran]).toEqual(Array.from({ length: 100 }, () => 1))

  const ends = peers[0]!.closed
  void threads[0]!.terminate()
  await ends
  const start = performance.now()
  await vi.waitFor(async () => expect(await tasks.members()).toHaveLength(MANY - 1), { timeout: 5_000, interval: 1 })
  console.log(
    `members of a dead thread were gone ${Math.round(performance.now() - start)} ms after the end of its link`,
  )
  // A thread hears of the others' members through the realm between.
  expect(await tasks.all.add(0, 1).expected).toBe(MANY - 1)
})
