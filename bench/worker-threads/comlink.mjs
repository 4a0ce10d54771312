import { Worker } from 'node:worker_threads'
import { wrap } from 'comlink/dist/esm/comlink.mjs'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { awaiting } from '../loops.mjs'

export async function open() {
  const worker = new Worker(new URL('comlink-worker.mjs', import.meta.url))
  const adder = wrap(nodeEndpoint(worker))
  return {
    ask: (inFlight, total) => awaiting(() => adder.add(1, 2), inFlight, total),
    close: () => worker.terminate(),
  }
}
