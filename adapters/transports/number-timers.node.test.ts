import { expect, test, vi } from 'vitest'
import type { probes } from '../../core/testing/index.js'

test('a WebSocket is closed where timers are numbers, as they are for tests in jsdom', async () => {
  const { setTimeout } = globalThis
  vi.stubGlobal('setTimeout', (fn: () => void, ms: number) => Number(setTimeout(fn, ms)))
  // What is loaded anew takes the timers of this moment.
  vi.resetModules()
  try {
    const { Dispatcher } = await import('../../core/index.js')
    const { Probe } = await import('../../core/testing/index.js')
    const { webSocket } = await import('./websocket.js')
    const { webSocketServer } = await import('./websocket-server.js')
    const [client, server] = [new Dispatcher(), new Dispatcher()]
    const { port } = await server.listen(webSocketServer({ port: 0 }), { actors: { Probe } })
    const peer = await client.connect<typeof probes>(webSocket(`ws://127.0.0.1:${port}`))
    expect(await (await peer.spawn('Probe')).add(1, 2)).toBe(3)
    await client.close()
    await server.close()
  } finally {
    vi.unstubAllGlobals()
  }
})
