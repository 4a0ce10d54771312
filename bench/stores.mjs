// node bench/stores.mjs [--rounds 7] [--duration 1]
// Durable commits per second: each store by itself, and ours on it, in turn. Prints, and never gates. All is on the disk of the
// folder for temporary files, which decides what a commit costs.
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { build } from './chromium/build.mjs'
import { isThere, launch } from './chromium/browser.mjs'
import { serve } from './chromium/server.mjs'
import { median } from './median.mjs'
import { shuffle } from './shuffle.mjs'
import { rateOf, SIZES } from './stores/commits.mjs'
import { contenders, drivers } from './stores/sqlite.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string' }, duration: { type: 'string' } } })
const [rounds, duration] = [Number(values.rounds ?? 7), Number(values.duration ?? 1)]
const NAMES = ['raw', 'troupe']

/** Measures both in turn, `rounds` times and once before, and prints a line for each size of a call. */
async function measure(name, rate) {
  for (const size of SIZES) {
    const rates = { raw: [], troupe: [] }
    for (let round = 0; round <= rounds; round++)
      for (const contender of shuffle(NAMES)) {
        const measured = await rate(contender, size, duration)
        if (round > 0) rates[contender].push(measured)
      }
    const ratio = median(rates.troupe.map((own, round) => own / rates.raw[round]))
    const [raw, troupe] = NAMES.map((contender) =>
      Math.round(median(rates[contender])).toLocaleString('en').padStart(9),
    )
    console.log(
      `${name.padEnd(24)}${String(size).padStart(4)} per call${raw} raw${troupe} troupe${ratio.toFixed(2).padStart(6)}`,
    )
  }
}

console.log(`durable commits per second, Node ${process.version}, ${availableParallelism()} × ${cpus()[0].model}`)
for (const [name, open] of Object.entries(await drivers())) {
  const both = contenders(open)
  await measure(name, (contender, ...how) => rateOf(both[contender], ...how))
  both.close()
}
if (isThere) {
  await build()
  const [server, browser] = await Promise.all([serve(), launch()])
  const page = await browser.newPage()
  await page.goto(server.url)
  await measure('IndexedDB in Chromium', (...how) => page.evaluate((how) => bench.commits(...how), how))
  await browser.close()
  server.close()
}
