// node pool-kills.mjs TASKS KILLS
// Threads of a pool of 4 are terminated while it works through many short tasks. What ran is written down in shared memory.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Dispatcher } from 'troupe'
import { pool } from 'troupe/pool'
import { workerThread } from 'troupe/worker-threads'

const [count = 10_000, kills = 1] = process.argv.slice(2).map(Number)
const memory = new SharedArrayBuffer(4 * count)
const ran = new Int32Array(memory)
const threads = []
const start = () => {
  const thread = new Worker(new URL('pool-tasks.mjs', import.meta.url))
  threads.push(thread)
  return thread
}

const dispatcher = new Dispatcher({ log: () => {} })
const workers = pool(dispatcher, {
  connect: () => workerThread(start),
  size: 4,
  restart: { max: Infinity, backoff: 0 },
})
const tasks = workers.spawn('Tasks', { args: [memory] })
const settled = Array.from({ length: count }, () => 0)
const calls = settled.map((_, id) =>
  tasks
    .spin(id, 0.1)
    .catch((error) => error)
    .finally(() => settled[id]++),
)
for (let kill = 1; kill <= kills; kill++) {
  await calls[Math.floor((kill * count) / (kills + 1))]
  await sleep(Math.random() * 10)
  const living = threads.filter(({ threadId }) => threadId > 0)
  await living[Math.floor(Math.random() * living.length)]?.terminate()
}
const outcomes = await Promise.all(calls)
await new Promise(setImmediate)
let lost = 0
for (const [id, outcome] of outcomes.entries()) {
  assert.equal(settled[id], 1, `task ${id} settled ${settled[id]} times`)
  assert.equal(ran[id], 1, `task ${id} ran ${ran[id]} times`)
  if (outcome === id) continue
  assert.deepEqual([outcome.code, outcome.ran], ['unknown', 'maybe'], `task ${id}: ${outcome}`)
  lost++
}
// A thread runs one task at a time. Results that it has not sent yet are lost with it, too.
assert.equal(await tasks.give(0), 0)
await dispatcher.close()
console.log(
  `pool-kills: ${kills} of the threads of a pool of 4 terminated during ${count} tasks: each settled once and ran once, ` +
    `the results of ${lost} were lost`,
)
