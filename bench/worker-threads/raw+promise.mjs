import { Worker } from 'node:worker_threads'
import { awaiting } from '../loops.mjs'
import { Promises } from '../promises.mjs'

export async function open() {
  const worker = new Worker(new URL('raw-worker.mjs', import.meta.url))
  const calls = new Promises((message) => worker.postMessage(message))
  worker.on('message', (reply) => calls.receive(reply))
  return {
    ask: (inFlight, total) => awaiting(() => calls.call('add', 1, 2), inFlight, total),
    close: () => worker.terminate(),
  }
}
