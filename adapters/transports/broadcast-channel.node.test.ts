import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import { firstMember, Probe, type Subject, testTransport } from '../../core/testing/index.js'
import { broadcastChannel } from './broadcast-channel.js'

const file = new URL('../../.cache/fixtures/bus-thread.mjs', import.meta.url)
let buses = 0

async function open(): Promise<Subject> {
  const name = `bus ${buses++}`
  const thread = new Worker(file, { workerData: name })
  await once(thread, 'message')
  const end = async (): Promise<void> => void (await thread.terminate())
  return { connector: firstMember(broadcastChannel(name)), crash: end, dispose: end }
}

// Threads hold no locks: the heartbeat tells, a short one here.
testTransport({
  name: 'broadcast-channel',
  runner: { describe, test },
  open,
  limits: { trusted: { heartbeat: 1_000 } },
})

test('two threads that join find each other by name, and an idle bus keeps no process alive', async () => {
  const name = `bus ${buses++}`
  const [a, b] = [new Dispatcher(), new Dispatcher()]
  await a.spawn(Probe, { name: 'probe' })
  const bus = await a.join(broadcastChannel(name))
  await b.join(broadcastChannel(name))
  expect(await (await b.lookup<Probe>('probe'))!.add(1, 2)).toBe(3)
  await bus.leave()
  await expect.poll(() => b.lookup('probe')).toBeUndefined()
  await Promise.all([a.close(), b.close()])
})
