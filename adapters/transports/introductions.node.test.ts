import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import type { actors } from '../fixtures/thread.js'
import { workerThread } from './worker-threads.js'

const file = new URL('../../.cache/fixtures/thread.mjs', import.meta.url)
/** How long the thread between is blocked, in milliseconds. */
const BLOCKED = 2_000

/** Two threads that know only this one; the first gets an actor of the second. */
async function twoThreads() {
  const main = new Dispatcher()
  const thread = () => main.connect<typeof actors>(workerThread(() => new Worker(file)))
  const [a, b] = await Promise.all([thread(), thread()])
  const caller = await a.spawn('Caller')
  const probe = await b.spawn('Probe')
  return { b, caller, probe, [Symbol.asyncDispose]: () => main.close() }
}

test('two threads talk without the one between, which may block', { timeout: 30_000 }, async () => {
  await using r = await twoThreads()
  await r.caller.keep(r.probe)
  await expect.poll(() => r.caller.isNextTo(r.b.id)).toBe(true)
  const measuring = r.caller.measure(BLOCKED + 500)
  const start = Date.now()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED)
  const end = Date.now()
  const { at, took } = await measuring
  const meanwhile = took.filter((_, n) => at[n]! >= start && at[n]! < end).sort((one, two) => one - two)
  const median = meanwhile[meanwhile.length >> 1]!
  const max = meanwhile.at(-1)!
  console.log(
    `${meanwhile.length} calls from thread to thread while the main thread was blocked for ${end - start} ms: ` +
      `median ${median.toFixed(3)} ms, max ${max.toFixed(1)} ms`,
  )
  expect(meanwhile.length).toBeGreaterThan(100)
  // Through the main thread it would have been two seconds.
  expect(max).toBeLessThan(1_000)
})

test('nothing is lost, doubled or overtaken while two threads are introduced', { timeout: 60_000 }, async () => {
  for (let burst = 1; burst <= 5; burst++) {
    await using r = await twoThreads()
    await r.caller.keep(r.probe)
    const sent = await r.caller.recordUntilNextTo(r.b.id, burst)
    expect(await r.probe.log()).toEqual(Array.from({ length: sent }, (_, n) => n))
  }
})
