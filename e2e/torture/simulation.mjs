// node simulation.mjs <runs>: simulated runs of the scenarios of the core, with one seed after the other, in two threads.
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { bundle } from './mutants/bundle.mjs'

const THREADS = 2

/** How the runs are shared out: in some scenarios more happens than in others. */
async function run({ path, first, runs }) {
  const { explore, scenarios } = await import(pathToFileURL(path))
  const names = Object.keys(scenarios)
  let steps = 0
  for (const [place, name] of names.entries()) {
    const seeds = Math.floor((runs + place) / names.length)
    try {
      steps += (await explore(scenarios[name], { seeds, first })).steps
    } catch (failure) {
      throw new Error(`scenario '${name}': ${failure.message}`, { cause: failure })
    }
  }
  return steps
}

if (isMainThread) {
  const runs = Number(process.argv[2])
  const start = performance.now()
  const path = await bundle()
  const each = Math.ceil(runs / THREADS)
  const threads = Array.from(
    { length: THREADS },
    (_, n) => new Worker(new URL(import.meta.url), { workerData: { path, first: 1 + n * each, runs: each } }),
  )
  const steps = (await Promise.all(threads.map((thread) => once(thread, 'message')))).flat()
  const seconds = ((performance.now() - start) / 1_000).toFixed(1)
  const total = steps.reduce((sum, each) => sum + each, 0)
  console.log(
    `simulation: ${THREADS * each} runs, in which ${total} things happened, in ${seconds} s: safe at each step, all settled after healing`,
  )
} else {
  const { parentPort } = await import('node:worker_threads')
  parentPort.postMessage(await run(workerData))
}
