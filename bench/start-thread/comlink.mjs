import { Worker } from 'node:worker_threads'
import { wrap } from 'comlink/dist/esm/comlink.mjs'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'

export async function start() {
  const worker = new Worker(new URL('comlink-worker.mjs', import.meta.url))
  const adder = wrap(nodeEndpoint(worker))
  return { sum: await adder.add(1, 2), close: () => worker.terminate() }
}
