// What the proofs of values talk to, in a thread of its own: over its port, or over a WebSocket that it tells the number of.
import { parentPort, workerData } from 'node:worker_threads'
import { Actor, Dispatcher } from 'troupe'
import { host } from 'troupe/worker-threads'
import { webSocketServer } from 'troupe/websocket-server'

class Lab extends Actor {
  take(callbacks) {
    return callbacks.length
  }

  /** Bytes of heap, and references held of the other side, once all garbage is collected. */
  async settled() {
    for (let times = 0; times < 2; times++) await globalThis.gc({ type: 'major', execution: 'async' })
    const [{ imports }] = this.context.dispatcher.info().peers
    return { heap: process.memoryUsage().heapUsed, imports }
  }

  async *chunks(count, size) {
    for (let n = 0; n < count; n++) yield new Uint8Array(size).fill(n)
  }
}

if (workerData.socket) {
  const dispatcher = new Dispatcher()
  const authorize = () => ({ control: true })
  const { port } = await dispatcher.listen(webSocketServer({ port: 0 }), { actors: { Lab }, authorize })
  parentPort.postMessage(port)
} else host({ Lab })
