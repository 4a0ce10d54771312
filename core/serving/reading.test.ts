import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Actor, Dispatcher, tell } from '../index.js'
import { platformEnv } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import { Wire } from '../testing/network/wire.js'
import type { Transport } from '../transport/transport.js'
import { listener } from './listening.js'
import { paced } from './paced-intake.js'

class Log extends Actor {
  readonly #seen: number[] = []
  note(n: number, _what?: unknown): number {
    clock.time += clock.cost
    this.#seen.push(n)
    return n
  }
  seen(): number[] {
    return this.#seen
  }
}

const actors = { Log }
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

/** Time passes only while a message is handled. */
const clock = { time: 0, cost: 0 }
const env = { ...platformEnv, now: () => clock.time }
const opened: Dispatcher[] = []
beforeEach(() => void (clock.cost = 0))
afterEach(() => Promise.all(opened.splice(0).map((each) => each.close())))

/** A client of a server that reads it in turns, over a connection whose payloads are counted. */
async function served() {
  const counts = { toServer: 0, toClient: 0 }
  const gone = new ActorError('unreachable', 'the connection ended')
  const client: Wire = new Wire(
    (data) => env.defer(() => (counts.toServer++, server.take(data))),
    () => server.fail(gone),
    { lasting: false },
  )
  const server: Wire = new Wire(
    (data) => env.defer(() => (counts.toClient++, client.take(data))),
    () => client.fail(gone),
    { lasting: false },
  )
  let accept!: (transport: Transport) => void
  const far = new Dispatcher({ env, log: () => {} })
  const near = new Dispatcher({ env, log: () => {} })
  opened.push(near, far)
  const listening = listener(
    async (accepts) => {
      accept = accepts
      return { close: async () => {} }
    },
    undefined,
    paced,
  )
  await far.listen(listening, { actors, authorize: () => true })
  const connecting = near.connect<typeof actors>({ open: async () => client })
  accept(server)
  const peer = await connecting
  return { counts, log: await peer.spawn('Log') }
}

describe('a peer that is read in turns', () => {
  test('gets the replies to many calls in few payloads', async () => {
    const { counts, log } = await served()
    // How much is read at a time grows with each payload.
    for (let round = 0; round < 3; round++) await Promise.all(upTo(1_000).map((n) => log.note(n)))
    counts.toServer = counts.toClient = 0
    await Promise.all(upTo(1_000).map((n) => log.note(n)))
    // The first sixteen leave at once, and are answered so.
    expect(counts).toEqual({ toServer: 16 + 1, toClient: 16 + 2 })
  })

  test('gets them in as many payloads as its calls are read in parts', async () => {
    const { counts, log } = await served()
    clock.cost = 0.01
    for (let round = 0; round < 3; round++) await Promise.all(upTo(1_000).map((n) => log.note(n)))
    counts.toServer = counts.toClient = 0
    await Promise.all(upTo(1_000).map((n) => log.note(n)))
    // Parts take about a millisecond.
    expect(counts.toServer).toBe(16 + 1)
    expect(counts.toClient).toBeLessThanOrEqual(16 + 12)
  })

  test('is read in order, whatever the size of its payloads', async () => {
    const { log } = await served()
    const sizes = [0, 100_000, 0, 0, 40_000, 10, 300_000, 0]
    const calls = upTo(80).map((n) => {
      const what = 'x'.repeat(sizes[n % sizes.length]!)
      return n % 3 ? log.note(n, what) : tell(log).note(n, what)
    })
    await Promise.all(calls)
    expect(await log.seen()).toEqual(upTo(80))
  })
})
