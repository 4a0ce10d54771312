import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import {
  type ActorError,
  ask,
  type ConnectOptions,
  type Connector,
  Dispatcher,
  type Peer,
  type Proxy,
  tell,
} from '../../core/index.js'
import { dine, type Philosopher, Table } from '../fixtures/philosophers.js'
import type { Saboteur } from '../fixtures/saboteur.js'
import { childProcess } from './child-process.js'
import { workerThread } from './worker-threads.js'

type Offered = { Saboteur: typeof Saboteur; Philosopher: typeof Philosopher }

const built = (name: string): URL => new URL(`../../.cache/fixtures/${name}.mjs`, import.meta.url)
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 }
const makers = {
  thread: () => new Worker(built('thread'), { resourceLimits, stderr: true }),
  process: () =>
    fork(fileURLToPath(built('child')), {
      execArgv: ['--max-old-space-size=32'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    }),
}

/** Where an actor runs, in a realm that can be ended. */
async function realm(kind: keyof typeof makers, options?: ConnectOptions) {
  const dispatcher = new Dispatcher({ log: () => {} })
  let latest!: Worker | ReturnType<typeof fork>
  const connector: Connector =
    kind === 'thread' ? workerThread(() => (latest = makers.thread())) : childProcess(() => (latest = makers.process()))
  const peer = await dispatcher.connect<Offered>(connector, options)
  return {
    dispatcher,
    peer,
    get latest() {
      return latest
    },
    [Symbol.asyncDispose]: () => dispatcher.close({ mode: 'kill' }),
  }
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

/** What the calls in flight ended with, and after how many milliseconds the actor was back. */
async function felled(peer: Peer<Offered>, fell: (actor: Proxy<Saboteur>) => unknown) {
  const actor = await peer.spawn('Saboteur', { name: 'counter', args: [10] })
  const other = await peer.spawn('Saboteur')
  expect([await actor.count(), await other.count()]).toEqual([11, 1])
  const calls = Array.from({ length: 1_000 }, () => outcome(other.deaf()))
  const start = performance.now()
  await fell(actor)
  const errors = (await Promise.all(calls)) as ActorError[]
  const settled = performance.now() - start
  const back = await actor.count()
  return { errors, settled, back, after: performance.now() - start }
}

describe.each(['thread', 'process'] as const)('a %s that dies is started again, and its actors with it', (kind) => {
  test.each<readonly [string, (actor: Proxy<Saboteur>) => void, string]>([
    ['exit', (actor) => tell(actor).exit(3), 'ended with code 3'],
    ['an uncaught error', (actor) => tell(actor).crash(), 'ended with code 1'],
    ['no memory left', (actor) => tell(actor).exhaust(), 'ended with'],
  ])(
    'by %s',
    async (_, fell, why) => {
      await using r = await realm(kind)
      const { errors, settled, back, after } = await felled(r.peer, fell)
      for (const error of errors) expect(error).toMatchObject({ code: 'unknown', ran: 'maybe' })
      expect(String((errors[0]!.cause as Error).message)).toContain(why)
      expect(back).toBe(11)
      console.log(
        `${kind}, ${why}: 1,000 calls settled after ${settled.toFixed(0)} ms, back after ${after.toFixed(0)} ms`,
      )
      expect(after).toBeLessThan(20_000)
    },
    30_000,
  )

  test('when it spins: asked, ended after the grace, and its calls settle', async () => {
    await using r = await realm(kind, { unresponsive: { after: 300, grace: 200 } })
    const { errors, settled, back } = await felled(r.peer, (actor) => tell(actor).spin())
    console.log(`${kind}, spinning: settled ${settled.toFixed(0)} ms after, of 500 ms promised`)
    expect(settled).toBeLessThan(2_500)
    expect(errors[0]).toMatchObject({
      code: 'unknown',
      cause: { code: 'unreachable', message: expect.stringContaining('does not answer') },
    })
    expect(back).toBe(11)
  }, 30_000)
})

describe('a thread', () => {
  test('whose memory ran out says so', async () => {
    await using r = await realm('thread')
    const { errors } = await felled(r.peer, (actor) => tell(actor).exhaust())
    expect(errors[0]).toMatchObject({ cause: { code: 'unreachable', cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' } } })
  }, 30_000)

  test('that says what cannot be read is started again', async () => {
    await using r = await realm('thread')
    const { errors, back } = await felled(
      r.peer,
      () => void (r.latest as Worker).emit('messageerror', new Error('unreadable')),
    )
    expect(errors[0]).toMatchObject({ code: 'unknown', cause: { code: 'malformed' } })
    expect(back).toBe(11)
  })

  test('is asked when a call passed its deadline, and ended only if it does not answer', async () => {
    await using r = await realm('thread')
    const actor = await r.peer.spawn('Saboteur')
    const { latest } = r
    expect(await outcome(ask(actor, { timeout: 50 }).deaf())).toMatchObject({ code: 'timeout' })
    const spinning = await r.peer.spawn('Saboteur')
    expect(await spinning.count()).toBe(1)
    expect(r.latest).toBe(latest)
    const start = performance.now()
    expect(await outcome(ask(spinning, { timeout: 50 }).spin())).toMatchObject({ code: 'timeout' })
    await expect.poll(() => outcome(spinning.count()), { timeout: 25_000 }).toBe(1)
    expect(r.latest).not.toBe(latest)
    const took = performance.now() - start
    console.log(`back ${took.toFixed(0)} ms after a call's deadline passed in a thread that spins (grace 5,000 ms)`)
    expect(took).toBeLessThan(25_000)
  }, 40_000)

  test('that dies again and again is given up, typed', async () => {
    await using r = await realm('thread', { restart: { max: 2, within: 60_000, backoff: 1 } })
    const actor = await r.peer.spawn('Saboteur')
    for (let death = 0; death < 2; death++) {
      tell(actor).exit(1)
      await expect.poll(() => outcome(actor.count())).toBe(1)
    }
    tell(actor).exit(1)
    expect(await r.peer.closed).toMatchObject({ code: 'escalated' })
    expect(await outcome(actor.count())).toMatchObject({ code: 'unreachable', ran: 'no' })
  })
})

test('five philosophers in five threads all eat, and no fork is lent twice', async () => {
  await using dispatcher = new Dispatcher()
  const table = await dispatcher.spawn(Table, { args: [5] })
  const connect = () => dispatcher.connect<Offered>(workerThread(makers.thread))
  const { eaten, most } = await dine(table, await Promise.all(Array.from({ length: 5 }, connect)), 200)
  expect(eaten).toEqual([200, 200, 200, 200, 200])
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(4)
}, 60_000)
