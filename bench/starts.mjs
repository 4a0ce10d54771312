import { shuffle } from './shuffle.mjs'

/** Milliseconds between two starts, in which the worker that was closed ends. */
const PAUSE = 50

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE))

/** Milliseconds from asking for a worker to its first reply. */
async function time(start) {
  const before = performance.now()
  const { sum, close } = await start()
  const elapsed = performance.now() - before
  await close()
  if (sum !== 3) throw new Error(`the first reply was ${sum}`)
  await pause()
  return elapsed
}

/**
 * The times of so many starts of each contender, in milliseconds: `starting` holds its `start` by name. The contenders
 * start in turn, in shuffled order. One start of each goes before and does not count: it reads files for the first time.
 */
export async function starts(starting, count) {
  const names = Object.keys(starting)
  const times = Object.fromEntries(names.map((name) => [name, []]))
  for (const name of shuffle(names)) await time(starting[name])
  for (let round = 0; round < count; round++) {
    for (const name of shuffle(names)) times[name].push(await time(starting[name]))
  }
  return times
}
