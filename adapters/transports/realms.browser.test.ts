import { expect, test } from 'vitest'
import { type ActorError, Dispatcher, tell } from '../../core/index.js'
import { dine, Table } from '../fixtures/philosophers.js'
import type { actors } from '../fixtures/web.worker.js'
import { webWorker } from './web-worker.js'

const make = (): Worker => new Worker(new URL('../fixtures/web.worker.ts', import.meta.url), { type: 'module' })
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

test('a worker that was ended is started again, and its actors with it', async () => {
  await using dispatcher = new Dispatcher({ log: () => {} })
  let worker!: Worker
  const peer = await dispatcher.connect<typeof actors>(webWorker(() => (worker = make())))
  const actor = await peer.spawn('Saboteur', { name: 'counter', args: [10] })
  expect(await actor.count()).toBe(11)
  const call = outcome(actor.deaf())
  await (await peer.spawn('Saboteur')).count()
  const start = performance.now()
  worker.terminate()
  expect(await call).toMatchObject({ code: 'unknown', ran: 'maybe' })
  const settled = performance.now() - start
  expect(await actor.count()).toBe(11)
  const back = performance.now() - start
  console.log(`terminate(): settled after ${settled.toFixed(0)} ms, back after ${back.toFixed(0)} ms`)
})

test('a worker that spins is asked, ended after the grace, and started again', async () => {
  await using dispatcher = new Dispatcher({ log: () => {} })
  const options = { unresponsive: { after: 300, grace: 200 } }
  const peer = await dispatcher.connect<typeof actors>(webWorker(make), options)
  const actor = await peer.spawn('Saboteur', { args: [10] })
  const calls = Array.from({ length: 100 }, () => outcome(actor.deaf()))
  await (await peer.spawn('Saboteur')).count()
  const start = performance.now()
  tell(await peer.spawn('Saboteur')).spin()
  for (const error of (await Promise.all(calls)) as ActorError[]) {
    expect(error).toMatchObject({ code: 'unknown', cause: { code: 'unreachable' } })
  }
  const took = performance.now() - start
  console.log(`a worker that spins: settled after ${took.toFixed(0)} ms, of 500 ms promised`)
  expect(took).toBeLessThan(2_500)
  await expect.poll(() => outcome(actor.count())).toBe(11)
})

test('five philosophers in five Web Workers all eat, and no fork is lent twice', async () => {
  await using dispatcher = new Dispatcher()
  const table = await dispatcher.spawn(Table, { args: [5] })
  const peers = await Promise.all(Array.from({ length: 5 }, () => dispatcher.connect<typeof actors>(webWorker(make))))
  const { eaten, most } = await dine(table, peers, 100)
  expect(eaten).toEqual([100, 100, 100, 100, 100])
  expect(most).toBeLessThanOrEqual(4)
})
