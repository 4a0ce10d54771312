// node connections.mjs CONNECTIONS SECONDS
// So many clients on one server, in other processes, each with one call a second. Then the server is killed and started again,
// and all come back.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const [connections = 5_000, seconds = 30] = process.argv.slice(2).map(Number)
const CLIENTS = 2
/** Bytes of the server's own heap that a connection may take. */
const MOST = 30_000
/** Milliseconds in which all are served again after a restart, for each 1,000 of them. */
const SOON = 5_000

const here = (file) => fileURLToPath(new URL(file, import.meta.url))
const start = async (port) => {
  const server = fork(here('connections-server.mjs'), [String(port)], { execArgv: ['--expose-gc'] })
  const [said] = await once(server, 'message')
  return { server, port: said.port }
}
const ask = async (child, question) => {
  child.send(question)
  return (await once(child, 'message'))[0]
}

const first = await start(0)
const { port } = first
let { server } = first
const before = await ask(server, 'heap')
const clients = Array.from({ length: CLIENTS }, () =>
  fork(here('connections-clients.mjs'), [String(port), String(Math.ceil(connections / CLIENTS))]),
)
await Promise.all(clients.map((client) => once(client, 'message')))
await sleep(1_000)
const after = await ask(server, 'heap')
const each = Math.round((after.heap - before.heap) / connections)
await Promise.all(clients.map((client) => ask(client, 'measure')))
await sleep(seconds * 1_000)
const waits = (await Promise.all(clients.map((client) => ask(client, 'waits')))).flat().toSorted((a, b) => a - b)
const at = (part) => waits[Math.floor((waits.length - 1) * part)].toFixed(1)
console.log(
  `${connections} connections, ${waits.length} calls in ${seconds} s: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
    `${each} bytes of heap for each`,
)
if (each > MOST) throw new Error(`a connection takes ${each} bytes`)

server.kill('SIGKILL')
await once(server, 'exit')
await sleep(500)
const began = performance.now()
;({ server } = await start(port))
await Promise.all(clients.map((client) => ask(client, 'served')))
const back = Math.round(performance.now() - began)
console.log(`all were served again ${back} ms after the server was started again`)
if (back > 5 * SOON * Math.max(1, connections / 1_000))
  throw new Error(`it took ${back} ms until all were served again`)
for (const client of clients) client.kill()
server.kill()
