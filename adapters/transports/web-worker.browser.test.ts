import { describe, expect, test } from 'vitest'
import { adaptive } from '../../core/adapter.js'
import { Dispatcher } from '../../core/index.js'
import { Probe, probes, type Subject, testTransport } from '../../core/testing/index.js'
import type { Saboteur } from '../fixtures/saboteur.js'
import { host, webWorker, type WebWorkerOptions } from './web-worker.js'

function open(name: string, options?: WebWorkerOptions): Subject {
  let worker: Worker | undefined
  return {
    connector: webWorker(
      () => (worker = new Worker(new URL('../fixtures/web.worker.ts', import.meta.url), { type: 'module', name })),
      options,
    ),
    crash: () => worker?.terminate(),
  }
}

testTransport({ name: 'web-worker', runner: { describe, test }, open: () => open('flat') })
testTransport({
  name: 'web-worker, adaptive',
  runner: { describe, test },
  open: () => open('adaptive', { codec: adaptive }),
})

describe('a web worker', () => {
  test('that cannot load rejects connect with start-failed, its URL and likely causes', async () => {
    const dispatcher = new Dispatcher()
    const error = await dispatcher
      .connect(webWorker(() => new Worker('/no-such-worker.js', { type: 'module' })))
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'start-failed', ran: 'no' })
    expect(String(error)).toMatch(/no-such-worker\.js.*likely/)
  })

  test('whose actors are wrong did not start, and says why', async () => {
    const dispatcher = new Dispatcher()
    const make = (): Worker => new Worker(new URL('../fixtures/misfit.worker.ts', import.meta.url), { type: 'module' })
    const error: unknown = await dispatcher.connect(webWorker(make)).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'start-failed', ran: 'no' })
    expect(String(error)).toMatch(/did not start: .*'Counter'/)
    await dispatcher.close()
  })

  test('runs in this realm where there is no Worker and inline actors were given', async () => {
    const { Worker } = globalThis
    Reflect.deleteProperty(globalThis, 'Worker')
    try {
      const dispatcher = new Dispatcher()
      const factory = (): never => {
        throw new Error('not asked')
      }
      await expect(dispatcher.connect(webWorker(factory))).rejects.toMatchObject({ code: 'no-worker' })
      const peer = await dispatcher.connect<typeof probes>(webWorker(factory, { inline: probes }))
      const probe = await peer.spawn('Probe')
      expect(await probe.add(1, 2)).toBe(3)
      await dispatcher.close()
    } finally {
      globalThis.Worker = Worker
    }
    expect(Probe).toBeTypeOf('function')
  })

  test('that said its first words before connect settles its calls within a second of its end', async () => {
    const worker = new Worker(new URL('../fixtures/web.worker.ts', import.meta.url), { type: 'module' })
    for (let heard = 0; heard < 2; heard++) {
      await new Promise((resolve) => worker.addEventListener('message', resolve, { once: true }))
    }
    await using dispatcher = new Dispatcher()
    const peer = await dispatcher.connect<{ Saboteur: typeof Saboteur }>(webWorker(worker))
    const saboteur = await peer.spawn('Saboteur')
    expect(await saboteur.count()).toBe(1)
    const waiting = saboteur.deaf()
    const start = performance.now()
    worker.terminate()
    await expect(waiting).rejects.toMatchObject({ code: 'unknown', ran: 'maybe' })
    console.log(`terminate(): the call settled after ${(performance.now() - start).toFixed(0)} ms`)
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  test('is refused at once where something else is given', async () => {
    await using dispatcher = new Dispatcher()
    const makes = async (): Promise<unknown> => ({})
    for (const source of ['/x.js', {}, undefined, makes, () => new MessageChannel().port1]) {
      const error = await dispatcher.connect(webWorker(source as never)).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'malformed' })
      expect(String(error)).toContain('() => new Worker(new URL(')
    }
    await expect(dispatcher.connect(webWorker('/x.js' as never))).rejects.toThrow("not '/x.js'")
  })

  test('is linked again after its link was closed, and refuses a second link at the same time', async () => {
    const worker = new Worker(new URL('../fixtures/web.worker.ts', import.meta.url), { type: 'module' })
    const use = async () => {
      const dispatcher = new Dispatcher({ log: () => {} })
      const peer = await dispatcher.connect<typeof probes>(webWorker(worker))
      return { dispatcher, probe: await peer.spawn('Probe') }
    }
    for (let time = 0; time < 3; time++) {
      const { dispatcher, probe } = await use()
      expect(await probe.add(1, 2)).toBe(3)
      await expect(use()).rejects.toMatchObject({ code: 'malformed', ran: 'no' })
      expect(await probe.add(1, 2)).toBe(3)
      await dispatcher.close()
    }
    worker.terminate()
  })

  test('is linked at once after its link was closed while it opened, and is still watched', async () => {
    const worker = new Worker(new URL('../fixtures/web.worker.ts', import.meta.url), { type: 'module' })
    for (let time = 0; time < 3; time++) {
      const closing = new Dispatcher()
      const closed = closing.connect(webWorker(worker)).catch((error: unknown) => error)
      // What the worker says to this link from here on reaches the next one.
      await new Promise((resolve) => worker.addEventListener('message', resolve, { once: true }))
      await closing.close()
      expect(await closed).toMatchObject({ code: 'stopped' })
      await using dispatcher = new Dispatcher()
      const peer = await dispatcher.connect<typeof probes>(webWorker(worker))
      const probe = await peer.spawn('Probe')
      const start = performance.now()
      while (performance.now() - start < 100) expect(await probe.add(1, 2)).toBe(3)
    }
    await using dispatcher = new Dispatcher()
    const peer = await dispatcher.connect(webWorker(worker))
    worker.terminate()
    expect(await peer.closed).toMatchObject({ code: 'unreachable' })
  })

  test('hosts only inside a worker', () => {
    expect(() => host({})).toThrow(expect.objectContaining({ code: 'no-worker' }))
  })
})
