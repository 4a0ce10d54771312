// A server for hostile.mjs, in a process of its own: says its port, and every 20 ms how much memory it uses.
import process from 'node:process'
import { setInterval, setTimeout } from 'node:timers'
import { setTimeout as sleep } from 'node:timers/promises'
import { Actor, Dispatcher } from 'troupe'
import { webSocketServer } from 'troupe/websocket-server'

const big = 'x'.repeat(100_000)

class Shop extends Actor {
  add(a, b) {
    return a + b
  }
  big() {
    return big
  }
  take(_what) {}
  /** Keeps the thread busy for so many milliseconds. */
  work(ms) {
    const end = performance.now() + ms
    while (performance.now() < end);
    return true
  }
  sleep(ms) {
    return sleep(ms)
  }
  async *count(to) {
    for (let n = 0; n < to; n++) yield n
  }
}

const server = new Dispatcher({ log: () => {} })
const { port } = await server.listen(webSocketServer({ port: 0 }), { actors: { Shop } })
process.send({ port })
const measure = () => {
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  process.send({ rss, used: heapUsed + external, actors: server.info().actors.length, peers: server.peers.length })
}
setInterval(() => process.send({ rss: process.memoryUsage.rss() }), 20)
process.on('message', () => void setTimeout(measure, 0))
process.on('disconnect', () => process.exit())
