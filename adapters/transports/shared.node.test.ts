import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ask, Dispatcher, type Peer, type Proxy, tell } from '../../core/index.js'
import { acquire, JoinableQueue, Lock } from '../../core/shared/index.js'
import type { actors } from '../fixtures/thread.js'
import { workerThread } from './worker-threads.js'

const file = new URL('../../.cache/fixtures/thread.mjs', import.meta.url)

let dispatcher: Dispatcher
beforeEach(() => (dispatcher = new Dispatcher({ log: () => {} })))
afterEach(() => dispatcher.close({ mode: 'kill' }))

async function start() {
  const thread = new Worker(file)
  const peer: Peer<typeof actors> = await dispatcher.connect(workerThread(thread))
  return { thread, peer, keeper: await peer.spawn('Keeper') }
}

/** Ends it, and tells how long it took from then on until the lock was acquired by another one. */
async function freed(thread: Worker, lock: Proxy<Lock>): Promise<{ readonly token: number; readonly ms: number }> {
  const next = acquire(lock)
  await thread.terminate()
  const begin = performance.now()
  const { token } = await next
  return { token, ms: performance.now() - begin }
}

describe('a lock whose holder is a thread that is terminated', () => {
  test('is free within 1 s, and the token of that holder is refused', async () => {
    const lock = await dispatcher.spawn(Lock)
    const { thread, keeper } = await start()
    const token = await keeper.keep(lock)
    const next = await freed(thread, lock)
    expect(next.ms).toBeLessThan(1_000)
    expect(next.token).toBeGreaterThan(token)
    expect([await lock.check(token), await lock.release(token), await lock.renew(token)]).toEqual([false, false, false])
    expect(await lock.check(next.token)).toBe(true)
  })

  test('is free within 1 s, also where the lock is in another thread', async () => {
    const home = await start()
    const lock = await home.peer.spawn('Lock')
    const { thread, keeper } = await start()
    const token = await keeper.keep(lock)
    expect(await lock.check(token)).toBe(true)
    const next = await freed(thread, lock)
    expect(next.ms).toBeLessThan(1_000)
    expect(next.token).toBeGreaterThan(token)
  })

  test('is not given to that thread if it waits', async () => {
    const lock = await dispatcher.spawn(Lock)
    const { thread, keeper } = await start()
    await keeper.keep(lock)
    const waits = (await start()).keeper
    const codes = Array.from({ length: 10 }, () => keeper.keep(lock).catch(({ code }: { code: string }) => code))
    const last = waits.keep(lock)
    await lock.locked()
    await thread.terminate()
    expect(await lock.check(await last)).toBe(true)
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['unknown']))
  })
})

test('a lock whose holder does not answer is free after its lease, and the holder learns of it', async () => {
  const lock = await dispatcher.spawn(Lock)
  const { keeper } = await start()
  const token = await keeper.keep(lock, 300)
  const begin = performance.now()
  tell(keeper).spin(4_000)
  const held = await acquire(lock)
  expect(performance.now() - begin).toBeLessThan(3_500)
  expect(await lock.release(token)).toBe(false)
  expect(await lock.check(held.token)).toBe(true)
  expect(['expired', 'timeout']).toContain(await keeper.lost())
})

test('a lock is held for longer than its lease by a thread that answers', async () => {
  const lock = await dispatcher.spawn(Lock)
  const { keeper } = await start()
  const token = await keeper.keep(lock, 500)
  await expect(ask(lock, { timeout: 1_500 }).acquire()).rejects.toMatchObject({ code: 'timeout' })
  expect(await lock.check(token)).toBe(true)
})

test('a task of a thread that is terminated goes to another taker', async () => {
  const queue = await dispatcher.spawn(JoinableQueue<number>)
  await queue.put(1)
  const { thread, keeper } = await start()
  expect(await keeper.task(queue)).toBe(1)
  const took: number[] = []
  const takes = (async () => {
    for await (const task of queue.take(1)) took.push(task)
  })()
  await thread.terminate()
  await takes
  await queue.join()
  expect(took).toEqual([1])
})
