// node mutants.mjs find|record|replay
// Bugs planted in the protocol, each of which the simulation must find.
//   find    searches with one seed after the other, for 60 s at most
//   record  does the same, and writes the choices that fail to mutants/recorded.json
//   replay  makes those choices, which must fail with the bug and pass without it
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundle } from './mutants/bundle.mjs'
import { MUTANTS } from './mutants/table.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const SECONDS = 60
const AT_ONCE = 2
const FILE = here('mutants/recorded.json')
const [, , mode] = process.argv
const start = performance.now()
const missed = []

/** Resolves to what the search printed; undefined if it found nothing. */
async function hunt(mutant) {
  // Those that go round in circles are ended from outside.
  const child = spawn(process.execPath, [here('mutants/hunt.mjs'), await bundle(mutant), String(SECONDS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 3 * SECONDS * 1_000,
  })
  let printed = ''
  child.stdout.on('data', (data) => (printed += data))
  const [code] = await once(child, 'close')
  return code === 0 ? JSON.parse(printed) : undefined
}

async function find() {
  const found = {}
  const left = [...MUTANTS]
  const work = async () => {
    for (let mutant = left.shift(); mutant; mutant = left.shift()) {
      const { name } = mutant
      const failure = await hunt(mutant)
      if (!failure) {
        missed.push(name)
        continue
      }
      const { scenario, seed, after, fault, choices } = failure
      found[name] = { scenario, choices: choices.join(' ') }
      console.log(
        `${name}: found after ${after.toFixed(1)} s by seed ${seed} of '${scenario}': ${fault.split('\n')[0]}`,
      )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return Object.fromEntries(MUTANTS.flatMap(({ name }) => (found[name] ? [[name, found[name]]] : [])))
}

async function replay() {
  const recorded = JSON.parse(readFileSync(FILE, 'utf8'))
  const asItIs = await import(pathToFileURL(await bundle()))
  for (const mutant of MUTANTS) {
    const { name } = mutant
    const record = recorded[name]
    const planted = await import(pathToFileURL(await bundle(mutant)))
    const run = ({ simulate, scenarios, replayOracle }) =>
      simulate(scenarios[record.scenario], replayOracle(record.choices.split(' ').filter(Boolean).map(Number)))
    const [{ fault: right }, { fault: wrong }] = record ? [await run(asItIs), await run(planted)] : [{}, {}]
    if (right !== undefined) throw new Error(`the choices of '${name}' fail without it: ${right}`)
    if (wrong === undefined) missed.push(name)
  }
}

if (mode === 'replay') await replay()
else {
  const found = await find()
  if (mode === 'record') writeFileSync(FILE, `${JSON.stringify(found, undefined, 2)}\n`)
}
if (missed.length > 0)
  throw new Error(`not found: ${missed.join('; ')}. To search again and record: npm run torture record-mutants`)
console.log(
  `mutants: each of ${MUTANTS.length} planted bugs found in ${((performance.now() - start) / 1_000).toFixed(1)} s`,
)
