import { Piscina } from 'piscina'
import { awaiting } from '../loops.mjs'
import { millisecondsOf, SIZE } from './spin.mjs'

export async function open(load) {
  const ms = millisecondsOf(load)
  const filename = new URL('piscina-worker.mjs', import.meta.url).href
  const workers = new Piscina({ filename, minThreads: SIZE, maxThreads: SIZE })
  return {
    ask: (inFlight, total) => awaiting(() => workers.run(ms), inFlight, total),
    close: () => workers.destroy(),
  }
}
