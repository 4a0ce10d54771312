// Clients for connections.mjs: so many to one port, each with one call a second.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dispatcher } from 'troupe'
import { webSocket } from 'troupe/websocket'

const [port, count] = process.argv.slice(2).map(Number)
const AT_ONCE = 50
let waits = []
let served = 0
const all = []

async function open() {
  const dispatcher = new Dispatcher({ log: () => {} })
  const peer = await dispatcher.connect(webSocket(`ws://127.0.0.1:${port}`))
  return peer.spawn('Counter')
}

/** Calls once a second, from a moment of its own on. */
async function use(counter) {
  const mine = { served: 0 }
  all.push(mine)
  await sleep(Math.random() * 1_000)
  for (;;) {
    const start = performance.now()
    try {
      await counter.increment()
      waits.push(performance.now() - start)
      mine.served = ++served
    } catch {
      // The server is away.
    }
    await sleep(1_000)
  }
}

for (let opened = 0; opened < count; opened += AT_ONCE) {
  const counters = await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - opened) }, open))
  for (const counter of counters) void use(counter)
}
process.send('open')
async function answer(question) {
  if (question === 'measure') waits = []
  if (question === 'served') {
    const since = served
    while (all.some((each) => each.served <= since)) await sleep(20)
  }
  process.send(question === 'waits' ? waits : 'done')
}
process.on('message', (question) => void answer(question))
process.on('disconnect', () => process.exit())
