// A server for nginx.mjs, on the port that is given; `open` for one without `authorize`. SIGTERM ends it in order.
import { createServer } from 'node:http'
import { Actor, Dispatcher } from 'troupe'
import { webSocketServer } from 'troupe/websocket-server'

class Counter extends Actor {
  count = 0
  increment() {
    return ++this.count
  }
  async *ticks() {
    for (let n = 0; ; n++) yield n
  }
}

const [port, isOpen] = process.argv.slice(2)
const seen = []
const authorize = ({ token, request }) => {
  seen.push(request.headers)
  return token === 'secret'
}
const server = createServer((_, response) => response.end('page'))
const dispatcher = new Dispatcher({ log: () => {} })
await dispatcher.spawn(Counter, { name: 'shared' })
await dispatcher.listen(webSocketServer({ server, path: '/actors', origins: ['https://shop.example'] }), {
  actors: { Counter },
  functions: { pid: () => process.pid, seen: () => seen.at(-1) },
  ...(isOpen ? {} : { authorize }),
})
process.once('SIGTERM', () => {
  server.close()
  process.disconnect()
  void dispatcher.close({ mode: 'drain', timeout: 10_000 })
})
server.listen(Number(port), '127.0.0.1', () => process.send('listening'))
