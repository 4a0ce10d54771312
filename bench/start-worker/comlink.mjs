import { wrap } from 'comlink'

export async function start() {
  const worker = new Worker(new URL('comlink-worker.mjs', import.meta.url), { type: 'module' })
  const adder = wrap(worker)
  return { sum: await adder.add(1, 2), close: () => worker.terminate() }
}
