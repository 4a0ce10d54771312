// node bench/run.mjs [row…] [--rounds 7] [--quick]
// Measures, prints and writes results/smoke.md and results/smoke.json. It reports and never gates.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { judged } from './goals.mjs'
import { report } from './report.mjs'
import { results } from './result.mjs'
import { sample } from './sample.mjs'
import { shuffle } from './shuffle.mjs'

const ROWS = ['worker-threads', 'websocket', 'in-process']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, quick: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !ROWS.includes(name))
if (unknown.length > 0) throw new Error(`no row ${unknown.join(', ')}; there are ${ROWS.join(', ')}`)

const { rounds, warmUp, duration } = {
  ...(values.quick ? { rounds: 3, warmUp: 0.25, duration: 0.25 } : { rounds: 7, warmUp: 0.75, duration: 0.5 }),
  ...(values.rounds && { rounds: Number(values.rounds) }),
}
const names = positionals.length > 0 ? positionals : ROWS
const rows = await Promise.all(names.map(async (name) => ({ name, ...(await import(`./${name}/row.mjs`)) })))
const entries = rows.flatMap(({ name, path, loads }) =>
  loads.map(({ load, contenders }) => ({
    name,
    path,
    load,
    rates: Object.fromEntries(contenders.map((contender) => [contender, []])),
  })),
)

const failures = []
const failed = ({ message }) => void failures.push(message)

// Loads in shuffled order; the contenders of one load in turn, shuffled too, so that they share the machine's mood.
for (let round = 1; round <= rounds; round++) {
  process.stderr.write(`round ${round} of ${rounds}\n`)
  for (const { name, load, rates } of shuffle(entries)) {
    for (const contender of shuffle(Object.keys(rates))) {
      rates[contender].push(await sample(name, contender, load, { warmUp, duration }).catch(failed))
    }
  }
}

const all = entries.flatMap(({ path, load, rates }) => results(path, load, rates))
const run = {
  setting: {
    node: `Node ${process.version}`,
    cpu: `${availableParallelism()} × ${cpus()[0].model}`,
    rounds,
    warmUp,
    duration,
  },
  rows: rows.map(({ path, about }) => ({ path, about })),
  results: all,
  judged: judged(all),
  failures,
}
const text = report(run)
console.log(text)

const folder = new URL('results/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('smoke.md', folder), text)
writeFileSync(new URL('smoke.json', folder), `${JSON.stringify(run, null, 2)}\n`)
