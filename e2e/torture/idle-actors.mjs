// node --expose-gc idle-actors.mjs ACTORS
// What an idle actor costs, its proxy and its entry in the dispatcher's table included.
import assert from 'node:assert/strict'
import { Actor, Dispatcher } from 'troupe'

const [actors = 100_000] = process.argv.slice(2).map(Number)

class Idle extends Actor {
  add(a, b) {
    return a + b
  }
}

const dispatcher = new Dispatcher()
await dispatcher.spawn(Idle)
const kept = Array.from({ length: actors })
const heap = () => {
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
const before = heap()
const start = performance.now()
for (let n = 0; n < actors; n++) kept[n] = await dispatcher.spawn(Idle)
const rate = actors / (performance.now() - start)
const bytes = (heap() - before) / actors
console.log(`${actors} idle actors: ${Math.round(bytes)} bytes each, ${Math.round(rate)}k spawned a second`)
assert.equal(await kept[actors - 1].add(1, 2), 3)
assert(bytes <= 300, `${bytes} bytes are more than 300`)
