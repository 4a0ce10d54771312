import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { type ActorError, Dispatcher } from '../../core/index.js'
import { type probes, type Subject, testTransport, virtualClock } from '../../core/testing/index.js'
import type { Lasting } from '../fixtures/lasting.js'
import { host, workerThread } from './worker-threads.js'

const file = new URL('../../.cache/fixtures/thread.mjs', import.meta.url)

function open(): Subject {
  let worker: Worker | undefined
  return {
    connector: workerThread(() => (worker = new Worker(file))),
    crash: async () => void (await worker?.terminate()),
  }
}

testTransport({ name: 'worker-threads', runner: { describe, test }, open })

describe('a worker thread', () => {
  test('that cannot load rejects connect with start-failed, its URL and the cause', async () => {
    await using dispatcher = new Dispatcher()
    const missing = dispatcher.connect(workerThread(() => new Worker(new URL('./no-such-file.mjs', import.meta.url))))
    const error = await missing.catch((reason: unknown) => reason as ActorError)
    expect(error).toMatchObject({ code: 'start-failed', ran: 'no' })
    expect(String(error)).toMatch(/no-such-file\.mjs did not start: Cannot find module/)
    const broken = dispatcher.connect(workerThread(() => new Worker('syntax error here', { eval: true })))
    await expect(broken).rejects.toThrow(/: Unexpected identifier/)
  })

  test('whose actors are wrong did not start, and says why', async () => {
    await using dispatcher = new Dispatcher()
    const misfit = new URL('../../.cache/fixtures/misfit-thread.mjs', import.meta.url)
    const error: unknown = await dispatcher
      .connect(workerThread(() => new Worker(misfit)))
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'start-failed', ran: 'no', cause: { code: 'malformed' } })
    expect(String(error)).toMatch(/did not start: .*'Counter'/)
  })

  test('that does not start is told with likely causes only where none is known', async () => {
    await using dispatcher = new Dispatcher()
    const start = (text: string): Promise<unknown> =>
      dispatcher.connect(workerThread(() => new Worker(text, { eval: true }))).catch((reason: unknown) => reason)
    expect(String(await start('throw new TypeError("no such extension")'))).toMatch(/: no such extension$/)
    expect(String(await start('process.exit(3)'))).toMatch(/it ended with code 3 before it called host\(\); likely/)
  })

  test('that is given as an instance is not ended by close', async () => {
    const worker = new Worker(file)
    const dispatcher = new Dispatcher()
    const peer = await dispatcher.connect(workerThread(worker))
    await peer.close()
    expect(worker.threadId).toBeGreaterThan(0)
    expect(await worker.terminate()).toBe(1)
  })

  test('runs onStop, passes its output on and ends by itself when the dispatcher closes', async () => {
    let worker!: Worker
    let output = ''
    const dispatcher = new Dispatcher()
    const peer = await dispatcher.connect<{ Lasting: typeof Lasting }>(
      workerThread(() => (worker = new Worker(file, { stdout: true }))),
    )
    worker.stdout.on('data', (text) => (output += String(text)))
    const lasting = await peer.spawn('Lasting')
    await lasting.start()
    await lasting.log(300)
    const ended = Promise.all([once(worker, 'exit'), once(worker.stdout, 'end')])
    await dispatcher.close()
    expect((await ended)[0]).toEqual([0])
    expect(output.split('\n').slice(-4)).toEqual(['line 299', 'onStop', 'exit 0', ''])
    expect(output.split('\n')).toHaveLength(303)
  })

  test('that does not stop in time is killed', async () => {
    let worker!: Worker
    await using dispatcher = new Dispatcher()
    const connector = workerThread(() => (worker = new Worker(file)))
    const peer = await dispatcher.connect<{ Lasting: typeof Lasting }>(connector)
    const spinning = (await peer.spawn('Lasting')).spin().catch((error: unknown) => error)
    const ended = once(worker, 'exit')
    await dispatcher.close({ timeout: 200 })
    await ended
    expect(await spinning).toMatchObject({ code: 'unknown', ran: 'maybe' })
  })

  test('whose file never calls host() is named in the log', async () => {
    const lines: string[] = []
    const env = virtualClock()
    await using dispatcher = new Dispatcher({
      env,
      log: ({ text, error }) => void lines.push(`${text} ${String(error)}`),
    })
    const silent = workerThread(() => new Worker(new URL('data:text/javascript,setInterval(() => {}, 1000)')))
    const connecting = dispatcher.connect(silent).catch((error: unknown) => error)
    await env.advance(30_000)
    expect(await connecting).toMatchObject({ code: 'handshake-timeout' })
    expect(lines).toEqual([
      expect.stringMatching(/data:text.*setInterval.*does not answer.*does that file call host\(\)/),
    ])
  })

  test.each([
    [{}, 'not [object Object]'],
    [undefined, 'not undefined'],
    ['x.js', "not 'x.js'"],
    [async () => new Worker(file).unref(), 'not [object Promise]'],
    [() => undefined, 'not undefined'],
  ])('is refused at once where %o is given', async (source, text) => {
    await using dispatcher = new Dispatcher()
    const error = await dispatcher.connect(workerThread(source as never)).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'malformed', ran: 'no' })
    expect(String(error)).toContain('() => new Worker(new URL(')
    expect(String(error)).toContain(text)
  })

  test('is linked again after its link was closed, and refuses a second link at the same time', async () => {
    const worker = new Worker(file)
    const use = async () => {
      const dispatcher = new Dispatcher({ log: () => {} })
      const peer = await dispatcher.connect<typeof probes>(workerThread(worker))
      return { dispatcher, probe: await peer.spawn('Probe') }
    }
    for (let time = 0; time < 3; time++) {
      const { dispatcher, probe } = await use()
      expect(await probe.add(1, 2)).toBe(3)
      await expect(use()).rejects.toMatchObject({ code: 'malformed', ran: 'no' })
      expect(await probe.add(1, 2)).toBe(3)
      await dispatcher.close()
    }
    await worker.terminate()
  })

  test('is linked at once after its link was closed while it opened', async () => {
    const worker = new Worker(file)
    for (let time = 0; time < 3; time++) {
      const closing = new Dispatcher()
      const closed = closing.connect(workerThread(worker)).catch((error: unknown) => error)
      // What the thread says to this link from here on reaches the next one.
      await once(worker, 'message')
      await closing.close()
      expect(await closed).toMatchObject({ code: 'stopped' })
      await using dispatcher = new Dispatcher({ limits: { trusted: { handshake: 10_000 } } })
      const peer = await dispatcher.connect<typeof probes>(workerThread(worker))
      expect(await (await peer.spawn('Probe')).add(1, 2)).toBe(3)
    }
    await worker.terminate()
  })

  test('that has ended rejects connect at once', async () => {
    const worker = new Worker(file)
    await worker.terminate()
    const env = virtualClock()
    await using dispatcher = new Dispatcher({ env })
    await expect(dispatcher.connect(workerThread(worker))).rejects.toMatchObject({ code: 'unreachable', ran: 'no' })
    await expect(dispatcher.connect(workerThread(() => worker))).rejects.toMatchObject({ code: 'start-failed' })
    expect(env.timers).toBe(0)
  })

  test('hosts only where there is a thread to host in', () => {
    expect(() => host({})).toThrow(expect.objectContaining({ code: 'no-worker' }))
  })
})
