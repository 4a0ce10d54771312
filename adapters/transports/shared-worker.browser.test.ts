import { describe, expect, test } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import { probes, type Subject, testTransport } from '../../core/testing/index.js'
import type { Counter } from '../example/counter.js'
import type { actors } from '../fixtures/shared.worker.js'
import { host, sharedWorker } from './shared-worker.js'

let workers = 0
const fresh = (): string => `shared ${workers++}`
const make = (name: string): SharedWorker =>
  new SharedWorker(new URL('../fixtures/shared.worker.ts', import.meta.url), { type: 'module', name })
/** Ends the worker without a word. */
const crash = (name: string): void => {
  const channel = new BroadcastChannel(name)
  channel.postMessage('end')
  channel.close()
}

function open(): Subject {
  const name = fresh()
  return { connector: sharedWorker(make(name)), crash: () => crash(name) }
}

testTransport({
  name: 'shared-worker',
  runner: { describe, test },
  open,
  skip: [
    {
      reason: 'other pages use the worker',
      tests: [
        'lets the actors of a realm that it started finish what waits, and stop, when this side closes in that mode',
        'lets the actors of a realm that it started stop when the peer is closed',
      ],
    },
  ],
})

describe('a shared worker', () => {
  test('is refused at once where something else is given', async () => {
    await using dispatcher = new Dispatcher()
    for (const source of ['/x.js', {}, undefined, async () => ({})]) {
      const error = await dispatcher.connect(sharedWorker(source as never)).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'malformed' })
      expect(String(error)).toContain('() => new SharedWorker(new URL(')
    }
  })

  test('cannot read a compiled module: that call alone fails', async () => {
    await using dispatcher = new Dispatcher()
    const peer = await dispatcher.connect<typeof actors>(sharedWorker(() => make(fresh())))
    const probe = await peer.spawn('Probe')
    const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))
    const calls = [probe.add(1, 1), probe.echo(/a/), probe.describe({ module }), probe.echo(/b/)]
    const outcomes = await Promise.all(calls.map((call) => call.catch((error: unknown) => error)))
    expect(outcomes).toEqual([2, /a/, expect.objectContaining({ code: 'uncloneable', ran: 'no' }), /b/])
  })

  test('is one for all who name it alike, and outlives the links of each', async () => {
    const name = fresh()
    const [a, b] = [new Dispatcher(), new Dispatcher()]
    const first = await a.connect<typeof actors>(sharedWorker(() => make(name)))
    await b.connect(sharedWorker(() => make(name)))
    const here = (await a.lookup<Counter>('shared'))!
    const there = (await b.lookup<Counter>('shared'))!
    expect([await here.increment(), await there.increment()]).toEqual([1, 2])
    await first.close()
    expect(await there.increment()).toBe(3)
    const again = await a.connect<typeof actors>(sharedWorker(() => make(name)))
    expect(await (await again.lookup<Counter>('shared'))!.increment()).toBe(4)
    await Promise.all([a.close(), b.close()])
  })

  test('that died is back behind the same proxy, and one for all again', async () => {
    const name = fresh()
    const [a, b] = [new Dispatcher(), new Dispatcher()]
    await a.connect(sharedWorker(() => make(name)))
    await b.connect(sharedWorker(() => make(name)))
    const here = (await a.lookup<Counter>('shared'))!
    const there = (await b.lookup<Counter>('shared'))!
    await here.increment(10)
    const start = performance.now()
    const down = new Promise((resolve) => a.on('peer-down', resolve))
    const away = new Promise((resolve) => b.on('peer-down', resolve))
    crash(name)
    await Promise.all([down, away])
    expect(await here.increment()).toBe(1)
    const took = performance.now() - start
    expect(await there.increment()).toBe(2)
    console.log(`a shared worker was back ${Math.round(took)} ms after it died`)
    expect(took).toBeLessThan(10_000)
    await Promise.all([a.close(), b.close()])
  })

  test('settles what is in flight when the page is put away, and is linked again when it is shown', async () => {
    const name = fresh()
    const dispatcher = new Dispatcher()
    const peer = await dispatcher.connect<typeof actors>(sharedWorker(() => make(name)))
    const probe = await peer.spawn('Probe')
    const shared = (await dispatcher.lookup<Counter>('shared'))!
    await shared.increment()
    const call = probe.hang().catch((error: unknown) => error)
    const start = performance.now()
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
    expect(await call).toMatchObject({ code: 'unknown', ran: 'maybe' })
    console.log(`settled ${Math.round(performance.now() - start)} ms after pagehide`)
    const waiting = shared.increment()
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    expect(await waiting).toBe(2)
    await dispatcher.close()
  })

  test('that cannot load rejects connect with start-failed, its URL and likely causes', async () => {
    const dispatcher = new Dispatcher()
    const error = await dispatcher
      .connect(sharedWorker(() => new SharedWorker('/no-such-worker.js', { type: 'module' })))
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'start-failed', ran: 'no' })
    expect(String(error)).toMatch(/no-such-worker\.js.*likely/)
  })

  test('runs in this realm where there is none and inline actors were given', async () => {
    const { SharedWorker } = globalThis
    Reflect.deleteProperty(globalThis, 'SharedWorker')
    try {
      const dispatcher = new Dispatcher()
      const factory = (): never => {
        throw new Error('not asked')
      }
      await expect(dispatcher.connect(sharedWorker(factory))).rejects.toMatchObject({ code: 'no-worker' })
      const peer = await dispatcher.connect<typeof probes>(sharedWorker(factory, { inline: probes }))
      expect(await (await peer.spawn('Probe')).add(1, 2)).toBe(3)
      await dispatcher.close()
    } finally {
      globalThis.SharedWorker = SharedWorker
    }
  })

  test('hosts only inside a shared worker', () => {
    expect(() => host({})).toThrow(expect.objectContaining({ code: 'no-worker' }))
  })
})
