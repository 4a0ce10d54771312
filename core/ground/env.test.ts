import { expect, test, vi } from 'vitest'
import { Actor, ask, Dispatcher } from '../index.js'
import { single } from '../serving/listening.js'
import { pair } from '../transport/pair.js'

class Counter extends Actor {
  #count = 0
  increment(): number {
    return ++this.#count
  }
  hang(): Promise<void> {
    const { signal } = this.context
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
  }
}

test('calls settle, and time out, while a test has fake timers', async () => {
  await using far = new Dispatcher({ log: () => {} })
  await using near = new Dispatcher()
  vi.useFakeTimers({
    toFake: [
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'setImmediate',
      'queueMicrotask',
      'performance',
    ],
  })
  try {
    const here = await near.spawn(Counter)
    expect(await here.increment()).toBe(1)
    await expect(ask(here, { timeout: 20 }).hang()).rejects.toMatchObject({ code: 'timeout' })
    const [a, b] = pair()
    const listening = far.listen(single(b), { actors: { Counter } })
    const peer = await near.connect<{ Counter: typeof Counter }>({ open: () => a })
    await listening
    const there = await peer.spawn('Counter')
    expect(await there.increment()).toBe(1)
    await expect(ask(there, { timeout: 20 }).hang()).rejects.toMatchObject({ code: 'timeout' })
  } finally {
    vi.useRealTimers()
  }
})

test('an import needs nothing of the platform but its timers', async () => {
  const modules = import.meta.glob([
    '../index.ts',
    '../adapter.ts',
    '../testing/index.ts',
    '../../adapters/transports/{memory,message-port,web-worker,shared-worker,broadcast-channel}.ts',
  ])
  vi.resetModules()
  const names = [
    'TextEncoder',
    'TextDecoder',
    'MessageChannel',
    'BroadcastChannel',
    'AbortController',
    'ReadableStream',
  ]
  for (const name of [...names, 'WritableStream', 'navigator', 'crypto', 'structuredClone', 'btoa'])
    vi.stubGlobal(name, undefined)
  try {
    const loads = Object.values(modules)
    expect(loads).toHaveLength(8)
    for (const load of loads) await load()
  } finally {
    vi.unstubAllGlobals()
  }
})
