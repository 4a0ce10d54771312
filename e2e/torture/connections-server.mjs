// A server for connections.mjs, on the port that is given.
import process from 'node:process'
import { Actor, Dispatcher } from 'troupe'
import { webSocketServer } from 'troupe/websocket-server'

class Counter extends Actor {
  count = 0
  increment() {
    return ++this.count
  }
}
const dispatcher = new Dispatcher({ log: () => {} })
const { port } = await dispatcher.listen(webSocketServer({ port: Number(process.argv[2]) }), { actors: { Counter } })
process.on('message', () => {
  globalThis.gc()
  process.send({ heap: process.memoryUsage().heapUsed })
})
process.on('disconnect', () => process.exit())
process.send({ port })
