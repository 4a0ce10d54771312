// node --expose-gc callbacks.mjs CALLBACKS
// So many functions are handed out and dropped, in batches below the quota: nothing of them stays at either end.
import assert from 'node:assert/strict'
import { openLab, WAYS } from './lab.mjs'

const [callbacks = 100_000] = process.argv.slice(2).map(Number)
const BATCH = 2_000
const MOST = 2 * 1024 * 1024

for (const way of WAYS) {
  const { dispatcher, lab, close } = await openLab(way)
  const exported = () => dispatcher.info().peers[0].exports
  const heap = () => {
    globalThis.gc()
    globalThis.gc()
    return process.memoryUsage().heapUsed
  }
  const base = exported()
  const batch = async () => {
    await lab.take(Array.from({ length: BATCH }, (_, n) => () => n))
    while (exported() > base) await lab.settled()
  }
  for (let warmUp = 0; warmUp < 5; warmUp++) await batch()
  const before = { here: heap(), there: await lab.settled() }
  const start = performance.now()
  for (let left = callbacks; left > 0; left -= BATCH) await batch()
  const seconds = (performance.now() - start) / 1_000
  const there = await lab.settled()
  const grown = { here: heap() - before.here, there: there.heap - before.there.heap }
  const kb = (bytes) => `${Math.round(bytes / 1_024)} KB`
  console.log(
    `${way}: ${callbacks} callbacks handed out and dropped in ${Math.round(seconds)} s; tables back at ${exported()} and ` +
      `${there.imports}; heaps grew by ${kb(grown.here)} and ${kb(grown.there)}`,
  )
  assert.equal(exported(), base)
  assert.equal(there.imports, before.there.imports)
  assert(grown.here < MOST && grown.there < MOST, 'a heap grew by 2 MB')
  await close()
}
