import { wrap } from 'comlink'
import { awaiting } from '../loops.mjs'

export async function open() {
  const { port } = new SharedWorker(new URL('comlink-worker.mjs', import.meta.url), { type: 'module' })
  const adder = wrap(port)
  return { ask: (inFlight, total) => awaiting(() => adder.add(1, 2), inFlight, total), close: () => port.close() }
}
