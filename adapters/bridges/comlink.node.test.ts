import { once } from 'node:events'
import { createRequire } from 'node:module'
import { MessageChannel, Worker } from 'node:worker_threads'
import { wrap } from 'comlink'
import nodeEndpoint from 'comlink/dist/umd/node-adapter.js'
import { describe, expect, test } from 'vitest'
import { ActorError, Dispatcher } from '../../core/index.js'
import { Probe } from '../../core/testing/index.js'
import { type ComlinkEndpoint, exposeToComlink, fromComlink } from './comlink.js'

interface Service {
  add(a: number, b: number): number
  each(list: number[], callback: (n: number) => Promise<number>): Promise<number[]>
  hang(): Promise<void>
  exit(code: number): void
  crash(): void
}

const { resolve } = createRequire(import.meta.url)

/** A thread that knows Comlink and nothing of ours. */
const thread = (): Worker =>
  new Worker(
    `const { expose } = require(${JSON.stringify(resolve('comlink'))})
    const nodeEndpoint = require(${JSON.stringify(resolve('comlink/dist/umd/node-adapter.js'))})
    const { parentPort } = require('node:worker_threads')
    const each = async (list, callback) => {
      const results = []
      for (const n of list) results.push(await callback(n))
      return results
    }
    expose(
      {
        add: (a, b) => a + b,
        each,
        hang: () => new Promise(() => {}),
        exit: (code) => process.exit(code),
        crash: () => void setTimeout(() => { throw new Error('crashed') }),
      },
      nodeEndpoint(parentPort),
    )`,
    { eval: true },
  )

const unknown = (error: unknown): void => {
  expect(error).toBeInstanceOf(ActorError)
  expect(error).toMatchObject({ code: 'unknown', ran: 'maybe' })
}

describe('a Comlink service in a thread', () => {
  test('is called through the thread, or through the adapter that Comlink has for it', async () => {
    for (const endpoint of [(worker: Worker) => worker, (worker: Worker) => nodeEndpoint(worker as never)]) {
      const worker = thread()
      const remote = fromComlink<Service>(endpoint(worker) as ComlinkEndpoint)
      expect(await remote.add(1, 2)).toBe(3)
      expect(await remote.each([1, 2], async (n) => n * 2)).toEqual([2, 4])
      remote[Symbol.dispose]()
      expect(await remote.add(1, 1).catch((error: unknown) => error)).toMatchObject({ code: 'unreachable', ran: 'no' })
      await worker.terminate()
    }
  })

  test.each([
    ['is terminated', (worker: Worker) => void worker.terminate(), undefined],
    ['exits', (_: Worker, remote: { exit(code: number): unknown }) => void remote.exit(3), undefined],
    ['crashes', (_: Worker, remote: { crash(): unknown }) => void remote.crash(), 'crashed'],
  ] as const)('that %s settles its calls', async (_, end, cause) => {
    const worker = thread()
    const remote = fromComlink<Service>(worker)
    const calls = Array.from({ length: 100 }, () => remote.hang().catch((error: unknown) => error))
    await remote.add(1, 1)
    const quiet = {
      exit: (code: number) => remote.exit(code).catch(unknown),
      crash: () => remote.crash().catch(unknown),
    }
    end(worker, quiet)
    for (const error of await Promise.all(calls)) {
      unknown(error)
      expect((error as { cause: { cause?: Error } }).cause.cause?.message).toBe(cause)
    }
    expect(await remote.add(1, 1).catch((error: unknown) => error)).toMatchObject({ code: 'unreachable', ran: 'no' })
  })

  test('that is behind the adapter, which hides its end, is missed by the heartbeat', async () => {
    const worker = thread()
    const endpoint = nodeEndpoint(worker as never) as ComlinkEndpoint
    // It may take longer to come up than the short heartbeat allows.
    await fromComlink<Service>(endpoint).add(1, 1)
    const remote = fromComlink<Service>(endpoint, { heartbeat: 500 })
    const call = remote.hang().catch((error: unknown) => error)
    await worker.terminate()
    unknown(await call)
  })
})

test('an actor is exposed on a port of Node, to a client behind the adapter', async () => {
  const dispatcher = new Dispatcher()
  const { port1, port2 } = new MessageChannel()
  const exposure = exposeToComlink(await dispatcher.spawn(Probe), port2)
  const remote = wrap<Probe>(nodeEndpoint(port1))
  expect(await remote.add(1, 2)).toBe(3)
  const closed = once(port1, 'close')
  const call = remote.deaf().catch((error: unknown) => error)
  // Answered without the actor, which is busy for ever.
  const refused: unknown = await remote.constructor().catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'not-exposed' })
  exposure.close()
  expect(await call).toMatchObject({ code: 'stopped' })
  await closed
  await dispatcher.close({ mode: 'kill' })
})
