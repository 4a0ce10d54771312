import { describe, expect, test } from 'vitest'
import { hostOn, type RealmEnd } from './host.js'
import { Actor, type Connector, Dispatcher, tell } from './index.js'
import { returning } from './peers/returning.js'
import { single } from './serving/listening.js'
import { virtualClock, type VirtualClock } from './testing/index.js'
import { pair } from './transport/pair.js'

/** What happened, in order. */
let events: string[] = []

class Worker extends Actor {
  constructor(
    readonly name = 'worker',
    readonly isDeaf = false,
  ) {
    super()
  }

  async work(n: number): Promise<number> {
    await undefined
    events.push(`${this.name} ${n}`)
    return n
  }

  deaf(): Promise<never> {
    return new Promise(() => {})
  }

  /** Starts a realm of its own. */
  async start(): Promise<void> {
    const peer = await this.context.dispatcher.connect<typeof actors>(below)
    await peer.spawn('Worker', { args: ['below'] })
  }

  override async onStop(): Promise<void> {
    if (this.isDeaf) await this.deaf()
    events.push(`${this.name} stopped`)
  }
}

const actors = { Worker }
/** What actors start. */
let below: Connector

/** Starts a realm for whoever connects. Its end is told, and comes from outside unless `end` says otherwise. */
function realm(env: VirtualClock, calls = 100, end: RealmEnd = { leave: () => void events.push('left') }): Connector {
  return {
    returns: returning,
    open: () => {
      const [near, far] = pair()
      void near.closed.then(() => events.push('closed'))
      hostOn(single(far), actors, { dispatcher: new Dispatcher({ env, limits: { trusted: { calls } } }) }, end)
      return near
    },
  }
}

async function started(calls?: number, end?: RealmEnd) {
  events = []
  const env = virtualClock()
  const dispatcher = new Dispatcher({ env })
  const peer = await dispatcher.connect<typeof actors>(realm(env, calls, end))
  return { env, dispatcher, peer, worker: await peer.spawn('Worker') }
}

describe('a realm that was started from here', () => {
  test('handles all that was sent to it before it ends, also what waits to leave, when the mode is drain', async () => {
    const { env, dispatcher, worker } = await started(2)
    const calls = Promise.all([1, 2, 3, 4].map((n) => worker.work(n)))
    tell(worker).work(5)
    await dispatcher.close({ mode: 'drain' })
    expect(await calls).toEqual([1, 2, 3, 4])
    expect(events).toEqual([...[1, 2, 3, 4, 5].map((n) => `worker ${n}`), 'worker stopped', 'left', 'closed'])
    expect(env.timers).toBe(0)
  })

  test('finishes the message being handled when the mode is now, and stops its actors', async () => {
    const { env, dispatcher, peer, worker } = await started()
    const calls = [1, 2].map((n) => worker.work(n).catch((error: { code: string }) => error.code))
    await peer.close()
    expect(await Promise.all(calls)).toEqual([1, 'stopped'])
    expect(events).toEqual(['worker 1', 'worker stopped', 'left', 'closed'])
    expect(await peer.closed).toMatchObject({ code: 'stopped' })
    await dispatcher.close()
    expect(env.timers).toBe(0)
  })

  test('ends at once when the mode is kill', async () => {
    const { dispatcher, worker } = await started()
    const call = worker.deaf().catch((error: { code: string }) => error.code)
    await dispatcher.close({ mode: 'kill' })
    expect(await call).toBe('unknown')
    expect(events).toEqual(['closed'])
  })

  test('ends the realms that it started before it leaves', async () => {
    const { env, dispatcher, worker } = await started()
    below = realm(env, 100, { leave: () => void events.push('below left') })
    await worker.start()
    await dispatcher.close()
    expect(events).toEqual(['worker stopped', 'below stopped', 'below left', 'closed', 'left', 'closed'])
  })

  test('is closed when the time is over, and its actors are killed before', async () => {
    const { env, dispatcher, peer } = await started()
    await peer.spawn('Worker', { args: ['deaf', true] })
    let isClosed = false
    void dispatcher.close({ timeout: 1_000 }).then(() => (isClosed = true))
    await env.advance(799)
    expect(events).toEqual(['worker stopped'])
    await env.advance(1)
    expect(events).toEqual(['worker stopped', 'left', 'closed'])
    expect(isClosed).toBe(true)
    expect(env.timers).toBe(0)
  })

  test('is closed when the time is over, though it does not leave', async () => {
    const { env, dispatcher, peer } = await started(100, { leave: () => new Promise(() => {}) })
    let isClosed = false
    void dispatcher.close({ timeout: 1_000 }).then(() => (isClosed = true))
    await env.advance(999)
    expect([isClosed, events]).toEqual([false, ['worker stopped']])
    await env.advance(500)
    expect(isClosed).toBe(true)
    expect(await peer.closed).toMatchObject({ code: 'stopped' })
  })

  test('ends by itself when the realm that started it is gone', async () => {
    let lost!: () => void
    const orphaned = new Promise<void>((resolve) => (lost = resolve))
    const left = new Promise<void>((resolve) => {
      void started(100, { leave: () => resolve(), orphaned }).then(lost)
    })
    await left
    expect(events).toContain('worker stopped')
  })
})
