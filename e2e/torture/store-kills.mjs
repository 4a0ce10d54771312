// node store-kills.mjs [KILLS]
// Two processes at a time write to one SQLite database, and are killed with SIGKILL at random moments. What they were told is
// stored is there, and each call is there whole or not at all.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { countKey, countValue, openStore, recordsOf, sizeOf } from './store-kills-records.mjs'

const [kills = 500] = process.argv.slice(2).map(Number)
const NAMES = ['a', 'b']
/** Milliseconds from the first number that a writer prints to its end, at most. */
const LONGEST = 150
/** Of so many, one is killed while it starts. */
const EARLY = 10

const writer = fileURLToPath(new URL('store-kills-writer.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'troupe-kills-'))
const file = join(folder, 'store.db')
const lasts = Object.fromEntries(NAMES.map((name) => [name, 0]))
let stored = 0
let unreported = 0

/** Has a writer write until it is killed. Returns the numbers that it printed. */
async function write(name) {
  const child = spawn(process.execPath, [writer, file, name, String(lasts[name])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  const isWriting = new Promise((resolve) =>
    child.stdout.setEncoding('utf8').on('data', (text) => resolve((output += text))),
  )
  const closed = once(child, 'close')
  if (Math.random() * EARLY < 1) await sleep(Math.random() * LONGEST)
  else await Promise.race([isWriting, closed])
  await sleep(Math.random() * LONGEST)
  child.kill('SIGKILL')
  const [code, signal] = await closed
  assert.equal(signal, 'SIGKILL', `a writer ended by itself, with ${code}`)
  // A last line without its end was not printed whole.
  return output.split('\n').slice(0, -1).map(Number)
}

/** Compares what is stored with what was reported, and removes it. Returns the last number. */
async function check(store, name, reported) {
  const from = lasts[name]
  const told = reported.at(-1) ?? from
  const [record] = (await store.read('count/')).filter(({ key }) => key === countKey(name))
  const count = Number(record ? Buffer.from(record.value).toString() : 0)
  const next = told + sizeOf(reported.length)
  assert(count === told || count === next, `${name}: ${count} are stored, of ${told} that were reported, or ${next}`)
  const records = await store.read(`log/${name}/`)
  const expected = Array.from({ length: count - from }, (_, place) => recordsOf(name, from + place + 1)).flat()
  assert.equal(records.length, expected.length, `${name}: records from ${from} to ${count}`)
  for (const [place, { key, value }] of records.entries()) {
    assert.equal(key, expected[place].key)
    assert(expected[place].value.equals(value), `${key} is torn`)
  }
  const changes = records.map(({ key }) => ({ key, value: undefined }))
  assert.deepEqual(
    await store.commit([{ expected: { key: countKey(name), value: count ? countValue(count) : undefined }, changes }]),
    [true],
  )
  stored += count - from
  unreported += count - told
  return count
}

const start = performance.now()
try {
  for (let killed = 0; killed < kills; killed += NAMES.length) {
    const reports = await Promise.all(NAMES.map((name) => write(name)))
    const { store, close } = openStore(file)
    for (const [place, name] of NAMES.entries()) lasts[name] = await check(store, name, reports[place])
    await close()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(
  `${kills} times SIGKILL in ${Math.round((performance.now() - start) / 1_000)} s, ${stored} commits stored: all that were ` +
    `reported, and ${unreported} of calls that were not; none torn`,
)
