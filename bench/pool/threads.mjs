import { Pool, spawn, Worker } from 'threads'
import { awaiting } from '../loops.mjs'
import { millisecondsOf, SIZE } from './spin.mjs'

export async function open(load) {
  const ms = millisecondsOf(load)
  const workers = Pool(() => spawn(new Worker('./threads-worker.mjs')), SIZE)
  return {
    ask: (inFlight, total) => awaiting(() => workers.queue((spin) => spin(ms)), inFlight, total),
    close: () => workers.terminate(),
  }
}
