import { Worker } from 'node:worker_threads'
import { Dispatcher } from 'troupe'
import { pool } from 'troupe/pool'
import { workerThread } from 'troupe/worker-threads'
import { awaiting } from '../loops.mjs'
import { millisecondsOf, SIZE } from './spin.mjs'

export async function open(load) {
  const ms = millisecondsOf(load)
  const dispatcher = new Dispatcher()
  const file = new URL('troupe-worker.mjs', import.meta.url)
  const workers = pool(dispatcher, { size: SIZE, connect: () => workerThread(() => new Worker(file)) })
  const spinner = workers.spawn('Spinner')
  return {
    ask: (inFlight, total) => awaiting(() => spinner.spin(ms), inFlight, total),
    close: () => dispatcher.close(),
  }
}
