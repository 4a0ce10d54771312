// A server for restarts.mjs and sleep.mjs, on the port that is given. Links wait for a connection as long as is given.
import { Actor, Dispatcher } from 'troupe'
import { webSocketServer } from 'troupe/websocket-server'

class Counter extends Actor {
  count = 0
  increment() {
    return ++this.count
  }
}
const [port, resume = 60_000] = process.argv.slice(2).map(Number)
const dispatcher = new Dispatcher({ log: () => {}, limits: { resume } })
await dispatcher.listen(webSocketServer({ port }), { actors: { Counter } })
process.send('listening')
