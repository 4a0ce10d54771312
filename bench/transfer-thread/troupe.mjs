import { Worker } from 'node:worker_threads'
import { Dispatcher, transfer } from 'troupe'
import { workerThread } from 'troupe/worker-threads'
import { bouncing } from '../bounce.mjs'

export async function open() {
  const dispatcher = new Dispatcher()
  const worker = await dispatcher.connect(workerThread(() => new Worker(new URL('troupe-worker.mjs', import.meta.url))))
  const bouncer = await worker.spawn('Bouncer')
  const bounce = (buffer) => bouncer.bounce(transfer(buffer, [buffer]))
  return { ask: (inFlight, total) => bouncing(bounce, inFlight, total), close: () => dispatcher.close() }
}
