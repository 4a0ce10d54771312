// node moves.mjs MOVES
// An actor is moved between this process, a thread, a child process and a server in a process of its own, while all of them
// call it. Each numbers its calls: none is lost, none runs twice, and those of one caller run in their order.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { Dispatcher, info } from 'troupe'
import { childProcess } from 'troupe/child-process'
import { move } from 'troupe/move'
import { webSocket } from 'troupe/websocket'
import { workerThread } from 'troupe/worker-threads'
import { Nomad, Sender } from './moves-actors.mjs'

const moves = Number(process.argv[2] ?? 100)
const AT_A_TIME = 8
const realm = new URL('moves-realm.mjs', import.meta.url)
const actors = { Nomad, Sender }

const server = fork(fileURLToPath(realm), ['server'])
const [port] = await once(server, 'message')
const url = `ws://127.0.0.1:${port}`
const dispatcher = new Dispatcher()
const peers = {
  thread: await dispatcher.connect(
    workerThread(() => new Worker(realm)),
    { actors },
  ),
  process: await dispatcher.connect(
    childProcess(() => fork(fileURLToPath(realm))),
    { actors },
  ),
  server: await dispatcher.connect(webSocket(url), { actors }),
}
const nomad = await dispatcher.spawn(Nomad, { name: 'nomad' })
const senders = { here: await dispatcher.spawn(Sender) }
for (const [name, peer] of Object.entries(peers)) senders[name] = await peer.spawn('Sender')
for (const [name, sender] of Object.entries(senders)) await sender.begin(nomad, name, AT_A_TIME)

const next = Object.fromEntries(Object.keys(senders).map((name) => [name, 0]))
let calls = 0
/** Looks at what was handled since this was last done. */
async function check() {
  for (const [sender, n] of await nomad.take()) {
    assert.equal(n, next[sender]++, `a call of ${sender} is lost, ran twice, or out of order`)
    calls++
  }
}

const start = performance.now()
const took = []
const goals = [peers.thread, peers.process, peers.server, dispatcher]
let last = dispatcher.id
for (let n = 0; n < moves; n++) {
  // From half of the moves on, the thread and the process have links with the server of their own.
  if (n === moves >> 1) for (const name of ['thread', 'process']) await senders[name].dial(url)
  const others = goals.filter(({ id }) => id !== last)
  const goal = others[Math.floor(Math.random() * others.length)]
  last = goal.id
  const before = performance.now()
  await move(nomad, goal)
  took.push(performance.now() - before)
  assert.equal((await info(nomad)).realm, goal.id)
  await check()
}
for (const [name, sender] of Object.entries(senders)) {
  const { calls: made, failures } = await sender.end()
  assert.deepEqual(failures, [], `calls of ${name} failed`)
  await check()
  assert.equal(next[name], made, `${next[name]} of ${made} calls of ${name} ran`)
}
await dispatcher.close()
server.kill()
took.sort((one, other) => one - other)
console.log(
  `${moves} moves between four realms in ${Math.round((performance.now() - start) / 1_000)} s, under ${calls} calls: ` +
    `none lost, none run twice, each in its order; a move took ${took[took.length >> 1].toFixed(1)} ms, ` +
    `at most ${took.at(-1).toFixed(1)} ms`,
)
