import { Worker } from 'node:worker_threads'
import { Callbacks } from '../callbacks.mjs'
import { calling, telling } from '../loops.mjs'

export async function open() {
  const worker = new Worker(new URL('raw-worker.mjs', import.meta.url))
  const calls = new Callbacks((message) => worker.postMessage(message))
  worker.on('message', (reply) => calls.receive(reply))
  const handled = () => new Promise((resolve) => calls.call('handled', [], resolve))
  return {
    ask: (inFlight, total) => calling((done) => calls.call('add', [1, 2], done), inFlight, total),
    tell: (total) => telling(() => calls.tell('add', [1, 2]), handled, total),
    close: () => worker.terminate(),
  }
}
