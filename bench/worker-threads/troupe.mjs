import { Worker } from 'node:worker_threads'
import { Dispatcher, tell } from 'troupe'
import { workerThread } from 'troupe/worker-threads'
import { awaiting, telling } from '../loops.mjs'

export async function open() {
  const dispatcher = new Dispatcher()
  const worker = await dispatcher.connect(workerThread(() => new Worker(new URL('troupe-worker.mjs', import.meta.url))))
  const adder = await worker.spawn('Adder')
  const oneWay = tell(adder)
  return {
    ask: (inFlight, total) => awaiting(() => adder.add(1, 2), inFlight, total),
    tell: (total) =>
      telling(
        () => oneWay.add(1, 2),
        () => adder.handled(),
        total,
      ),
    close: () => dispatcher.close(),
  }
}
