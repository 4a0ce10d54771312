import { Worker } from 'node:worker_threads'
import { afterEach, expect, test, vi } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import type { probes } from '../../core/testing/index.js'
import { host, type WebWorker, webWorker } from './web-worker.js'

// A runtime with a global Worker, but without DedicatedWorkerGlobalScope: Bun. Its functions are put in place by hand.
const file = new URL('../../.cache/fixtures/scope-worker.mjs', import.meta.url)

function newWorker(): WebWorker {
  const thread = new Worker(file)
  return {
    postMessage: (data, transfer) => thread.postMessage(data, transfer as never),
    addEventListener: (type: string, listener: (event: object) => void) =>
      thread.on(type, (data) => listener({ data, message: String(data) })),
    terminate: () => void thread.terminate(),
    ref: () => thread.ref(),
    unref: () => thread.unref(),
  }
}

afterEach(() => {
  vi.unstubAllGlobals()
})

test('a worker without the class of its scope hosts actors, and lets them stop when it is closed', async () => {
  vi.stubGlobal('Worker', newWorker)
  const dispatcher = new Dispatcher()
  const peer = await dispatcher.connect<typeof probes>(webWorker(newWorker))
  const probe = await peer.spawn('Probe')
  expect(await probe.add(1, 2)).toBe(3)
  let stops = 0
  await probe.atLast(() => stops++)
  await dispatcher.close()
  expect(stops).toBe(1)
})

test.each([
  ['the main thread of Bun', { Bun: { isMainThread: true } }],
  ['a page', { document: {} }],
  ['Node', { postMessage: undefined }],
])('%s is no worker', (_, globals) => {
  const scope = { postMessage: () => {}, addEventListener: () => {}, ...globals }
  for (const [name, value] of Object.entries(scope)) vi.stubGlobal(name, value)
  expect(() => host({})).toThrow(expect.objectContaining({ code: 'no-worker' }))
})
