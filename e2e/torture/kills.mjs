// node kills.mjs KILLS CALLS
// Worker threads are terminated at random while calls are made. What really ran is written down in shared memory: that
// is the judge of what the calls say.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { ActorError, Dispatcher } from 'troupe'
import { workerThread } from 'troupe/worker-threads'

const [kills = 100, calls = 10_000] = process.argv.slice(2).map(Number)
const THREADS = 2
const IN_FLIGHT = 50
/** Longest pause between two kills, in milliseconds. */
const PAUSE = 40

const log = new Int32Array(new SharedArrayBuffer(4 * calls))
const outcomes = Array.from({ length: calls }, () => [])
const late = []
const dispatcher = new Dispatcher({ log: () => {} })
let killed = 0
let next = 0

/** A thread, its actor, and the calls in flight to it. */
async function open() {
  const realm = { worker: undefined, actor: undefined, inFlight: new Set() }
  const make = () => {
    const worker = new Worker(new URL('kills-worker.mjs', import.meta.url), { workerData: log.buffer })
    worker.on('exit', () => {
      const exit = performance.now()
      for (const call of realm.inFlight) call.exit = exit
    })
    return (realm.worker = worker)
  }
  const peer = await dispatcher.connect(workerThread(make), { restart: { max: Infinity, backoff: 0 } })
  realm.actor = await peer.spawn('Runner')
  return realm
}

async function call(realm, n) {
  const flight = { exit: undefined }
  realm.inFlight.add(flight)
  try {
    assert.equal(await realm.actor.run(n), n)
    outcomes[n].push('done')
  } catch (error) {
    assert(error instanceof ActorError, String(error))
    outcomes[n].push(error.code)
    // Those that are answered after an exit had waited for the next thread.
    if (flight.exit !== undefined) late.push(performance.now() - flight.exit)
  }
  realm.inFlight.delete(flight)
}

/** Makes calls one after the other, no faster than the kills come. */
async function caller(realm) {
  while (next < calls) {
    if (next > (calls * (killed + 1)) / kills) await sleep(1)
    else await call(realm, next++)
  }
}

const realms = await Promise.all(Array.from({ length: THREADS }, open))
const calling = Promise.all(realms.flatMap((realm) => Array.from({ length: IN_FLIGHT }, () => caller(realm))))
const start = performance.now()
for (; killed < kills; killed++) {
  await sleep(Math.random() * PAUSE)
  const { worker } = realms[Math.floor(Math.random() * THREADS)]
  await worker.terminate()
}
await calling
await dispatcher.close()

const codes = {}
for (const [n, settled] of outcomes.entries()) {
  assert.equal(settled.length, 1, `call ${n} settled ${settled.length} times`)
  const [code] = settled
  codes[code] = (codes[code] ?? 0) + 1
  assert(log[n] <= 1, `call ${n} ran ${log[n]} times`)
  if (code === 'done') assert.equal(log[n], 1, `call ${n} did not run, and was answered`)
  if (code === 'unreachable') assert.equal(log[n], 0, `call ${n} ran, and is called unreachable`)
}
const slowest = Math.max(0, ...late)
console.log(
  `${killed} threads terminated during ${calls} calls in ${Math.round((performance.now() - start) / 1_000)} s: ` +
    `each settled once, ${JSON.stringify(codes)}; none ran twice; at most ${Math.round(slowest)} ms after an exit`,
)
assert(slowest < 5_000, `a call settled ${Math.round(slowest)} ms after the exit`)
