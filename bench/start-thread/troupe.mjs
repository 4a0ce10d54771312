import { Worker } from 'node:worker_threads'
import { Dispatcher } from 'troupe'
import { workerThread } from 'troupe/worker-threads'

const dispatcher = new Dispatcher()
const file = new URL('troupe-worker.mjs', import.meta.url)

export async function start() {
  const peer = await dispatcher.connect(workerThread(() => new Worker(file)))
  const adder = await peer.spawn('Adder')
  return { sum: await adder.add(1, 2), close: () => peer.close() }
}
