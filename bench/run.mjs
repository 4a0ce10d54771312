// node bench/run.mjs [row…] [--rounds 7] [--load 1000] [--quick]
// Measures, prints and writes results/smoke.md and results/smoke.json. It reports and never gates.
// Rows in Chromium have fewer rounds, and are left out where there is none. Rows that measure starts
// have no load: with --load they are left out.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { build } from './chromium/build.mjs'
import { isThere } from './chromium/browser.mjs'
import { judged } from './goals.mjs'
import { report } from './report.mjs'
import { results, startResults } from './result.mjs'
import { sample, sampleStarts } from './sample.mjs'
import { shuffle } from './shuffle.mjs'

const ROWS = [
  'in-process',
  'worker-threads',
  'child-process',
  'websocket',
  'web-worker',
  'shared-worker',
  'broadcast-channel',
  'redis',
  'nats',
  'brokered-port',
  'transfer-thread',
  'transfer-worker',
  'start-thread',
  'start-worker',
  'pool',
  'durable-sqlite',
  'durable-indexeddb',
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, load: { type: 'string' }, quick: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !ROWS.includes(name))
if (unknown.length > 0) throw new Error(`no row ${unknown.join(', ')}; there are ${ROWS.join(', ')}`)

const { rounds, inChromium, starts, warmUp, duration } = {
  ...(values.quick
    ? { rounds: 3, inChromium: 2, starts: 5, warmUp: 0.25, duration: 0.25 }
    : { rounds: 7, inChromium: 5, starts: 20, warmUp: 3, duration: 1 }),
  ...(values.rounds && {
    rounds: Number(values.rounds),
    inChromium: Number(values.rounds),
    starts: Number(values.rounds),
  }),
}
const names = positionals.length > 0 ? positionals : ROWS
const all = await Promise.all(names.map(async (name) => ({ name, ...(await import(`./${name}/row.mjs`)) })))
const isStart = ({ measures }) => measures === 'starts'
const rows = all.filter((row) => (isThere || !row.inChromium) && !(values.load && isStart(row)))
const isWanted = ({ load }) => values.load === undefined || String(load) === values.load
const entries = rows.flatMap(({ path, loads = [], ...row }) =>
  loads.filter(isWanted).map(({ load, contenders }) => ({
    row,
    rounds: row.inChromium ? inChromium : rounds,
    path,
    load,
    rates: Object.fromEntries(contenders.map((contender) => [contender, []])),
  })),
)

const failures = []
const failed = ({ message }) => void failures.push(message)

if (rows.some((row) => row.inChromium)) await build()

const started = []
for (const row of shuffle(rows.filter(isStart))) {
  process.stderr.write(`${row.name}\n`)
  const times = await sampleStarts(row, starts).catch(failed)
  if (times) started.push(...startResults(row.path, times))
}

// Loads in shuffled order; the contenders of one load in turn, shuffled too, so that they share the machine's mood.
const last = Math.max(0, ...entries.map((entry) => entry.rounds))
for (let round = 1; round <= last; round++) {
  process.stderr.write(`round ${round} of ${last}\n`)
  for (const { row, load, rates } of shuffle(entries.filter((entry) => round <= entry.rounds))) {
    for (const contender of shuffle(Object.keys(rates))) {
      rates[contender].push(await sample(row, contender, load, { warmUp, duration }).catch(failed))
    }
  }
}

const measured = [...entries.flatMap(({ path, load, rates }) => results(path, load, rates)), ...started]
const run = {
  setting: {
    node: `Node ${process.version}`,
    cpu: `${availableParallelism()} × ${cpus()[0].model}`,
    rounds,
    inChromium,
    starts,
    warmUp,
    duration,
  },
  rows: rows.map(({ path, about }) => ({ path, about })),
  results: measured,
  judged: judged(measured),
  failures,
}
const text = report(run)
console.log(text)

const folder = new URL('results/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('smoke.md', folder), text)
writeFileSync(new URL('smoke.json', folder), `${JSON.stringify(run, null, 2)}\n`)
