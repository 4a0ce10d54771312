import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

export async function start() {
  const worker = new Worker(new URL('raw-worker.mjs', import.meta.url))
  worker.postMessage([1, 2])
  const [sum] = await once(worker, 'message')
  return { sum, close: () => worker.terminate() }
}
