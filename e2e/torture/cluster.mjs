// node cluster.mjs <rounds> <ms that a node stands still>
// Three nodes, linked by Redis, with their state in it. While they are called, nodes are killed or stand still, and the server is
// killed and started again.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startServer } from '../../bench/broker.mjs'
import { joinCluster } from './cluster-node.mjs'

const [rounds = 3, still = 4_000] = process.argv.slice(2).map(Number)
const LEASE = 1_000
const KEYS = Array.from({ length: 40 }, (_, n) => `ledger ${n}`)
const CALLERS = 8
/** Calls that a caller makes at a time, all to one actor. */
const BURST = 4

const server = await startServer('lasting-redis')
const place = { port: server.port, lease: LEASE }
const script = fileURLToPath(new URL('cluster-node.mjs', import.meta.url))
const nodes = new Map()
const killAll = () => nodes.forEach((child) => child.kill('SIGKILL'))
// Also where it fails.
process.once('exit', killAll)
const start = async (id) => {
  const child = fork(script, [JSON.stringify(place), id])
  nodes.set(id, child)
  await once(child, 'message')
}
for (const id of ['a', 'b', 'c']) await start(id)
const { client, dispatcher, ledgers } = await joinCluster(place, 'caller', true)

/** By key: entries that were acknowledged, and those that may have been made. */
const books = new Map(KEYS.map((key) => [key, { acknowledged: 0, open: 0 }]))
const codes = {}
let isOver = false
let longest = 0
async function call(caller) {
  let number = 0
  while (!isOver) {
    const key = KEYS[Math.floor(Math.random() * KEYS.length)]
    const book = books.get(key)
    const enter = async () => {
      const since = performance.now()
      try {
        await ledgers.get(key).enter(caller, ++number)
        book.acknowledged++
      } catch (error) {
        const what = `${error.code}, ran: ${error.ran}`
        codes[what] = (codes[what] ?? 0) + 1
        if (error.ran !== 'no') book.open++
      }
      longest = Math.max(longest, performance.now() - since)
    }
    await Promise.all(Array.from({ length: BURST }, enter))
  }
}
const calling = Array.from({ length: CALLERS }, (_, n) => call(`caller ${n}`))

for (let round = 0; round < rounds; round++) {
  const id = ['a', 'b', 'c'][round % 3]
  await sleep(500)
  nodes.get(id).kill('SIGKILL')
  await sleep(Math.random() * 2 * LEASE)
  await start(id)
  await sleep(500)
  const other = nodes.get(['b', 'c', 'a'][round % 3])
  other.kill('SIGSTOP')
  await sleep(still)
  other.kill('SIGCONT')
  await sleep(500)
  await server.restart()
}
await sleep(2 * LEASE)
isOver = true
await Promise.all(calling)

let acknowledged = 0
for (const [key, book] of books) {
  const { entries, faults } = await ledgers.get(key).state()
  assert.deepEqual(faults, [])
  assert.ok(entries >= book.acknowledged, `${key}: ${entries} entries, and ${book.acknowledged} were acknowledged`)
  assert.ok(entries <= book.acknowledged + book.open, `${key}: ${entries} entries of ${JSON.stringify(book)}`)
  acknowledged += book.acknowledged
}
await dispatcher.close()
client.destroy()
killAll()
await server.close()
console.log(
  `${rounds} times a node killed, another one still for ${still} ms, and Redis killed: ${acknowledged} calls acknowledged, ` +
    `none lost, none done twice, in order; failed: ${JSON.stringify(codes)}; the longest took ${Math.round(longest)} ms`,
)
