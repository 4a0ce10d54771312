// node random.mjs <trials>: random trials over memory, in two threads: trusted as arrays and untrusted as bytes, in turn.
import { once } from 'node:events'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { Dispatcher } from 'troupe'
import { bytes } from 'troupe/adapter'
import { memory } from 'troupe/memory'
import { probes, trial } from 'troupe/testing'

const AT_ONCE = 100
const FORMS = [{}, { codec: bytes, payload: 'bytes', trusted: false }]

async function open(seed) {
  const far = new Dispatcher({ log: () => {} })
  const [near, end] = memory(FORMS[seed % FORMS.length])
  await far.listen(end, { actors: probes })
  return { connector: near, crash: () => end.close(), dispose: () => far.close({ mode: 'kill' }) }
}

async function run({ from, to }) {
  for (let seed = from; seed <= to; seed += AT_ONCE) {
    const seeds = Array.from({ length: Math.min(AT_ONCE, to - seed + 1) }, (_, n) => seed + n)
    const faults = (await Promise.all(seeds.map((each) => trial(() => open(each), each)))).flat()
    if (faults.length > 0) throw new Error(faults.join('\n'))
  }
}

if (isMainThread) {
  const trials = Number(process.argv[2])
  const half = Math.ceil(trials / 2)
  const start = performance.now()
  const threads = [
    { from: 1, to: half },
    { from: half + 1, to: trials },
  ].map((workerData) => new Worker(new URL(import.meta.url), { workerData }))
  const codes = await Promise.all(threads.map(async (thread) => (await once(thread, 'exit'))[0]))
  if (codes.some((code) => code !== 0)) process.exit(1)
  const seconds = ((performance.now() - start) / 1_000).toFixed(1)
  console.log(
    `random: seeds 1 to ${trials} in ${seconds} s: each call settled once, said truly what ran, kept its order, left nothing`,
  )
} else await run(workerData)
