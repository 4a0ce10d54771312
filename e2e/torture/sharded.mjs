// node sharded.mjs <actors> <lease in ms>
// Actors that are spread over three processes by their keys; one process is killed, and all actors are called at once.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startServer } from '../../bench/broker.mjs'
import { joinCluster } from './sharded-node.mjs'

const [actors = 1_000, lease = 2_000] = process.argv.slice(2).map(Number)
const NODES = ['a', 'b', 'c']
const folder = mkdtempSync(join(tmpdir(), 'troupe-sharded-'))
const server = await startServer('redis')
const place = { port: server.port, file: join(folder, 'boxes.db'), lease }
const script = fileURLToPath(new URL('sharded-node.mjs', import.meta.url))

const nodes = new Map()
const killAll = () => {
  nodes.forEach((child) => child.kill('SIGKILL'))
  rmSync(folder, { recursive: true, force: true })
}
// Also where it fails.
process.once('exit', killAll)
for (const id of NODES) {
  const child = fork(script, [JSON.stringify(place), id])
  nodes.set(id, child)
  await once(child, 'message')
}
const { client, dispatcher, boxes } = await joinCluster(place, 'caller', true)
const keys = Array.from({ length: actors }, (_, n) => `box ${n}`)
while (new Set(await Promise.all(keys.map((key) => boxes.owner(key)))).size < NODES.length) await sleep(10)

const addAll = () => Promise.all(keys.map((key) => boxes.get(key).add()))
/** The time that it takes until each has answered, in ms. */
const timed = async (work) => {
  const start = performance.now()
  await work
  return Math.round(performance.now() - start)
}
const check = async (adding, expected) => {
  for (const count of await adding) assert.equal(count, expected)
}

const first = await timed(check(addAll(), 1))
const second = await timed(check(addAll(), 2))
const owners = await Promise.all(keys.map((key) => boxes.owner(key)))
const lost = owners.filter((owner) => owner === 'b').length
nodes.get('b').kill('SIGKILL')
// Also those that nobody has called before.
const news = keys.slice(0, Math.ceil(actors / 10)).map((key) => boxes.get(`new ${key}`).add())
const third = await timed(Promise.all([check(addAll(), 3), check(Promise.all(news), 1)]))
const comeback = fork(script, [JSON.stringify(place), 'b'])
nodes.set('b', comeback)
await once(comeback, 'message')
while (!(await Promise.all(keys.map((key) => boxes.owner(key)))).includes('b')) await sleep(10)
const fourth = await timed(check(addAll(), 4))

await dispatcher.close()
await client.disconnect()
killAll()
await server.close()
console.log(
  `${actors} actors on three nodes: all answered in ${first} ms at first, in ${second} ms when they ran; ` +
    `of one node, which had ${lost} of them, killed: ${third} ms, with a lease of ${lease} ms; ` +
    `when it had come back: ${fourth} ms; none lost a call, none did one twice`,
)
assert.ok(third <= 5 * (lease + 2_000), `they answered after ${third} ms`)
