import { test } from 'vitest'
import { commands } from 'vitest/browser'
import { Dispatcher } from '../../core/index.js'
import type { actors } from '../fixtures/web.worker.js'
import { webSocket } from '../transports/websocket.js'
import { webWorker } from '../transports/web-worker.js'
import { example } from './example.js'

test('the example runs in a Web Worker', async () => {
  await using dispatcher = new Dispatcher()
  const worker = await dispatcher.connect<typeof actors>(
    webWorker(() => new Worker(new URL('../fixtures/web.worker.ts', import.meta.url), { type: 'module' })),
  )
  await example(dispatcher, await worker.spawn('Counter', { name: 'counter', args: [10] }))
})

test('the example runs on a server, called from a page', async () => {
  const url = await commands.startServer(location.origin)
  await using dispatcher = new Dispatcher()
  const peer = await dispatcher.connect<typeof actors>(webSocket(url))
  await example(dispatcher, await peer.spawn('Counter', { name: 'counter', args: [10] }))
  await commands.killServer(url)
})
