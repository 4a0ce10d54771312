import { wrap } from 'comlink'
import { awaiting } from '../loops.mjs'

export async function open() {
  const worker = new Worker(new URL('comlink-worker.mjs', import.meta.url), { type: 'module' })
  const adder = wrap(worker)
  return {
    ask: (inFlight, total) => awaiting(() => adder.add(1, 2), inFlight, total),
    close: () => worker.terminate(),
  }
}
