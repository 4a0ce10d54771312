// Two builds in one process, in turn: `node bench/compare.mjs <folder> <folder>`, each with a `dist`. CPU time, so that
// other work on the machine counts little. Prints how many times as fast the second is.
import { resolve } from 'node:path'
import { awaiting } from './loops.mjs'
import { median } from './median.mjs'

const ROUNDS = 24
const WARM_UP = 6

async function side(folder) {
  const { Actor, Dispatcher } = await import(resolve(folder, 'dist/index.js'))
  class Adder extends Actor {
    add(a, b) {
      return a + b
    }
  }
  const adder = await new Dispatcher().spawn(Adder)
  return {
    'ask, 1 in flight': () => awaiting(() => adder.add(1, 2), 1, 150_000),
    'ask, 1,000 in flight': () => awaiting(() => adder.add(1, 2), 1_000, 150_000),
    async spawn() {
      const dispatcher = new Dispatcher()
      for (let left = 20_000; left > 0; left--) await dispatcher.spawn(Adder)
    },
  }
}

async function cpu(work) {
  const start = process.cpuUsage()
  await work()
  return process.cpuUsage(start).user
}

const [first, second] = [await side(process.argv[2]), await side(process.argv[3])]
for (const [name, work] of Object.entries(first)) {
  const other = second[name]
  for (let round = 0; round < WARM_UP; round++) {
    await work()
    await other()
  }
  const ratios = []
  for (let round = 0; round < ROUNDS; round++) {
    const late = round % 2 ? await cpu(other) : 0
    const mine = await cpu(work)
    ratios.push(mine / (late || (await cpu(other))))
  }
  const sorted = ratios.toSorted((a, b) => a - b)
  console.log(`${name}: ${median(ratios).toFixed(2)} × (${sorted[0].toFixed(2)}–${sorted.at(-1).toFixed(2)})`)
}
