import { Worker } from 'node:worker_threads'
import { Dispatcher } from 'troupe'
import { workerThread } from 'troupe/worker-threads'
import { driven } from '../driven.mjs'

export async function open() {
  const dispatcher = new Dispatcher()
  const worker = await dispatcher.connect(workerThread(() => new Worker(new URL('troupe-worker.mjs', import.meta.url))))
  const adder = await worker.spawn('Adder')
  return driven(adder, () => dispatcher.close())
}
