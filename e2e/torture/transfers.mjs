// node transfers.mjs ROUNDS
// 1 MiB moved to a worker thread and back, by hand and through an actor, in turn. A measurement: it asserts nothing of speed.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { transfer } from 'troupe'
import { openLab } from './lab.mjs'

const [rounds = 9] = process.argv.slice(2).map(Number)
const TIMES = 2_000
const SIZE = 1024 * 1024
const raw = new Worker(
  "const { parentPort } = require('worker_threads'); parentPort.on('message', (it) => parentPort.postMessage(it, [it]))",
  {
    eval: true,
  },
)
const { lab, close } = await openLab('worker thread')

async function byHand(buffer) {
  const reply = once(raw, 'message')
  raw.postMessage(buffer, [buffer])
  return (await reply)[0]
}
const byActor = (buffer) => lab.bounce(transfer(buffer, [buffer]))

async function seconds(way) {
  let buffer = new ArrayBuffer(SIZE)
  const start = performance.now()
  for (let time = 0; time < TIMES; time++) buffer = await way(buffer)
  if (buffer.byteLength !== SIZE) throw new Error('the buffer did not come back')
  return (performance.now() - start) / 1_000
}

const ratios = []
for (let round = 0; round < rounds + 2; round++) {
  const ways = round % 2 ? [byActor, byHand] : [byHand, byActor]
  const took = new Map()
  for (const way of ways) took.set(way, await seconds(way))
  // Two rounds of warm-up.
  if (round >= 2) ratios.push(took.get(byHand) / took.get(byActor))
}
const sorted = ratios.toSorted((a, b) => a - b)
console.log(
  `1 MiB moved both ways: ${sorted[sorted.length >> 1].toFixed(2)} × by hand (${sorted[0].toFixed(2)}–${sorted.at(-1).toFixed(2)}, ${rounds} rounds)`,
)
await close()
await raw.terminate()
