// node --expose-gc pool-rounds.mjs ROUNDS
// Pools of threads are opened, used and closed. No thread, timer, listener or memory may be left.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { ask, Dispatcher } from 'troupe'
import { pool } from 'troupe/pool'
import { workerThread } from 'troupe/worker-threads'

const [rounds = 1_000] = process.argv.slice(2).map(Number)
let living = 0
let started = 0
const start = () => {
  const thread = new Worker(new URL('pool-tasks.mjs', import.meta.url))
  started++
  living++
  thread.once('exit', () => living--)
  return thread
}

/** What calls add to the signal: one listener of the platform, which all of them share. */
let listeners = 0
const controller = new AbortController()
const { signal } = controller
for (const [method, change] of [
  ['addEventListener', 1],
  ['removeEventListener', -1],
]) {
  const original = signal[method]
  signal[method] = (...args) => {
    listeners += change
    return original.apply(signal, args)
  }
}

const dispatcher = new Dispatcher({ log: () => {} })
const resources = () => process.getActiveResourcesInfo().length
const before = resources()
const memory = new SharedArrayBuffer(4)
const heap = () => {
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
const warm = Math.floor(rounds / 4)
let used = 0
for (let round = 0; round < rounds; round++) {
  if (round === warm) used = heap()
  const workers = pool(dispatcher, { connect: () => workerThread(start), size: 2, idle: 60_000, grace: 1_000 })
  const tasks = workers.spawn('Tasks', { args: [memory] })
  assert.equal(await ask(tasks, { signal, timeout: 60_000 }).give(0), 0)
  for await (const n of ask(tasks, { signal }).stream(0, 2)) assert(n < 2)
  await workers.close()
}
const growth = heap() - used
assert(growth < 2_000_000, `${growth} bytes are left after ${rounds - warm} rounds`)
const { deadlines, peers } = dispatcher.info()
assert.deepEqual({ deadlines, peers: peers.length, listeners }, { deadlines: 0, peers: 0, listeners: 1 })
await dispatcher.close()
for (let tries = 0; tries < 1_000 && (living > 0 || resources() > before); tries++) await sleep(10)
assert.equal(living, 0, `${living} of ${started} threads live`)
assert(resources() <= before, process.getActiveResourcesInfo().join(', '))
console.log(
  `pool-rounds: ${rounds} pools opened and closed, ${started} threads: no thread, timer or listener is left, and ${growth} bytes`,
)
