// node restarts.mjs [CLIENTS] [TIMES]
// Clients call a server without a pause, which is killed with SIGKILL and started again on the same port. Each call settles, once:
// with a result, or with what may have become of it. All clients are served again soon after the server listens.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Dispatcher } from 'troupe'
import { webSocket } from 'troupe/websocket'

const [clients = 100, times = 10] = process.argv.slice(2).map(Number)
/** Milliseconds in which all clients are served again. */
const SOON = 5_000
const quiet = { log: () => {} }

const probe = createServer().listen(0, '127.0.0.1')
await once(probe, 'listening')
const { port } = probe.address()
probe.close()

async function start() {
  const child = fork(fileURLToPath(new URL('restarts-server.mjs', import.meta.url)), [String(port)])
  await once(child, 'message')
  return child
}

let server = await start()
let isOver = false
const outcomes = {}
/** By client: the number of calls that succeeded since the server was last started. */
const served = Array.from({ length: clients }, () => 0)

const all = await Promise.all(
  Array.from({ length: clients }, async (_, n) => {
    const dispatcher = new Dispatcher(quiet)
    const peer = await dispatcher.connect(webSocket(`ws://127.0.0.1:${port}`))
    const counter = await peer.spawn('Counter')
    const calling = (async () => {
      while (!isOver) {
        try {
          await counter.increment()
          served[n]++
          outcomes.done = (outcomes.done ?? 0) + 1
        } catch ({ code, ran, message }) {
          const known = code === 'unknown' ? ran === 'maybe' : ran === 'no'
          if (!known || !['unknown', 'unreachable'].includes(code)) throw new Error(`${code}, ran: ${ran}: ${message}`)
          outcomes[code] = (outcomes[code] ?? 0) + 1
        }
        await sleep(1)
      }
    })()
    return { dispatcher, calling }
  }),
)
const settled = Promise.all(all.map(({ calling }) => calling))
settled.catch((error) => {
  throw error
})

let slowest = 0
for (let time = 0; time < times; time++) {
  await sleep(200)
  server.kill('SIGKILL')
  await once(server, 'exit')
  await sleep(100 * (time % 4))
  server = await start()
  const began = performance.now()
  served.fill(0)
  while (served.includes(0)) {
    if (performance.now() - began > 5 * SOON)
      throw new Error(`${served.filter((count) => count === 0).length} clients are not served ${5 * SOON} ms later`)
    await sleep(5)
  }
  slowest = Math.max(slowest, performance.now() - began)
}
isOver = true
await settled
await Promise.all(all.map(({ dispatcher }) => dispatcher.close()))
server.kill()
console.log(
  `a server was killed and started again ${times} times under the calls of ${clients} clients: each call settled once, ` +
    `${JSON.stringify(outcomes)}; all were served again ${Math.round(slowest)} ms after it listened, at the latest`,
)
