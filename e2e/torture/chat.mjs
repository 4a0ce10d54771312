// node chat.mjs [MESSAGES] [CUTS]
// One side of a chat sends numbered messages over a WebSocket, the server passes each to a callback of the other side, and both
// connections are cut again and again. All arrive, once and in order.
import { setTimeout as sleep } from 'node:timers/promises'
import { Actor, Dispatcher, tell } from 'troupe'
import { webSocket } from 'troupe/websocket'
import { webSocketServer } from 'troupe/websocket-server'
import { proxy } from './proxy.mjs'

const [messages = 10_000, cuts = 50] = process.argv.slice(2).map(Number)
const quiet = { log: () => {} }

class Room extends Actor {
  #members = []
  join(hear) {
    this.#members.push(hear)
  }
  say(n) {
    for (const hear of this.#members) void hear(n)
  }
}

const server = new Dispatcher(quiet)
const { port } = await server.listen(webSocketServer({ port: 0 }))
await server.spawn(Room, { name: 'room' })
const between = await proxy(port)
const connect = async () => {
  const dispatcher = new Dispatcher(quiet)
  const peer = await dispatcher.connect(webSocket(`ws://127.0.0.1:${between.port}`))
  return { dispatcher, room: await peer.lookup('room') }
}
const [speaker, listener] = await Promise.all([connect(), connect()])
const heard = []
await listener.room.join((n) => void heard.push(n))

const began = performance.now()
const each = Math.ceil(messages / (cuts + 1))
let cut = 0
for (let n = 1; n <= messages; n++) {
  tell(speaker.room).say(n)
  if (n % 20 === 0) await sleep(1)
  if (n % each !== 0) continue
  between.cut()
  cut++
}
const late = performance.now() + 60_000
while (heard.length < messages && performance.now() < late) await sleep(10)
const wrong = heard.findIndex((n, index) => n !== index + 1)
if (heard.length !== messages || wrong >= 0)
  throw new Error(`${heard.length} of ${messages} messages arrived; the first that is wrong is at ${wrong}`)
console.log(
  `${messages} numbered messages through ${cut} cuts arrived complete and in order in ` +
    `${((performance.now() - began) / 1_000).toFixed(1)} s`,
)
await Promise.all([speaker, listener].map(({ dispatcher }) => dispatcher.close()))
await server.close()
between.close()
