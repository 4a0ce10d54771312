// A server for restarts.mjs, on the port that is given.
import { Actor, Dispatcher } from 'troupe'
import { webSocketServer } from 'troupe/websocket-server'

class Counter extends Actor {
  count = 0
  increment() {
    return ++this.count
  }
}
const dispatcher = new Dispatcher({ log: () => {} })
await dispatcher.listen(webSocketServer({ port: Number(process.argv[2]) }), { actors: { Counter } })
process.send('listening')
