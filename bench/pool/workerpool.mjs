import { fileURLToPath } from 'node:url'
import workerpool from 'workerpool'
import { awaiting } from '../loops.mjs'
import { millisecondsOf, SIZE } from './spin.mjs'

export async function open(load) {
  const ms = millisecondsOf(load)
  const file = fileURLToPath(new URL('workerpool-worker.mjs', import.meta.url))
  const workers = workerpool.pool(file, { minWorkers: SIZE, maxWorkers: SIZE, workerType: 'thread' })
  return {
    ask: (inFlight, total) => awaiting(() => workers.exec('spin', [ms]), inFlight, total),
    close: () => workers.terminate(),
  }
}
