// One measurement in a process of its own: row, contender, load, seconds to warm up, seconds to measure.
// Prints one line of JSON and ends by itself; a process that stays has left something open.
import { TELL } from './loads.mjs'

const [row, contender, load, warmUp, duration] = process.argv.slice(2)
const { open } = await import(`./${row}/${contender}.mjs`)
const { ask, tell, close } = await open()
const inFlight = Number(load)
const work = load === TELL ? tell : (total) => ask(inFlight, total)

// Half of what a mailbox holds: nothing is dropped however slow the receiver is.
const most = load === TELL ? 65_536 : Infinity
let step = load === TELL ? 1 : inFlight

/** Works for at least so long, in steps that grow to about an eighth of it. */
async function run(duration) {
  const start = performance.now()
  let calls = 0
  let seconds = 0
  while (seconds < duration) {
    await work(step)
    calls += step
    seconds = (performance.now() - start) / 1000
    step = Math.ceil(Math.min(((calls / seconds) * duration) / 8, step * 8, most))
  }
  return { calls, seconds, rate: calls / seconds }
}

await run(Number(warmUp))
console.log(JSON.stringify(await run(Number(duration))))
await close()
