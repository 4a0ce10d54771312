import { describe, expect, test } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import { firstMember, Probe, type Subject, testTransport } from '../../core/testing/index.js'
import { broadcastChannel } from './broadcast-channel.js'

let buses = 0

async function open(): Promise<Subject> {
  const name = `bus ${buses++}`
  const worker = new Worker(new URL('../fixtures/bus.worker.ts', import.meta.url), { type: 'module', name })
  await new Promise((resolve) => worker.addEventListener('message', resolve, { once: true }))
  const end = (): void => worker.terminate()
  return { connector: firstMember(broadcastChannel(name)), crash: end, dispose: end }
}

testTransport({ name: 'broadcast-channel', runner: { describe, test }, open })

describe('a broadcast channel', () => {
  test('is enough for lookup in the moment of joining', async () => {
    const name = `bus ${buses++}`
    const [a, b] = [new Dispatcher(), new Dispatcher()]
    await a.spawn(Probe, { name: 'probe' })
    await a.join(broadcastChannel(name))
    await b.join(broadcastChannel(name))
    expect(await (await b.lookup<Probe>('probe'))!.add(1, 2)).toBe(3)
    await Promise.all([a.close(), b.close()])
  })

  test('drops what a member cannot read: that call alone fails', async () => {
    const name = `bus ${buses++}`
    const worker = new SharedWorker(new URL('../fixtures/bus-shared.worker.ts', import.meta.url), {
      type: 'module',
      name,
    })
    await new Promise((resolve) => (worker.port.onmessage = resolve))
    await using dispatcher = new Dispatcher()
    await dispatcher.join(broadcastChannel(name))
    const probe = (await dispatcher.lookup<Probe>('probe'))!
    const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))
    const calls = [probe.add(1, 1), probe.echo(/a/), probe.describe({ module }), probe.echo(/b/)]
    const outcomes = await Promise.all(calls.map((call) => call.catch((error: unknown) => error)))
    expect(outcomes).toEqual([2, /a/, expect.objectContaining({ code: 'uncloneable', ran: 'no' }), /b/])
  })

  test('is left when the page is put away, and joined again when it is shown', async () => {
    const name = `bus ${buses++}`
    const subject = await open()
    const dispatcher = new Dispatcher()
    const { peers } = await dispatcher.join(broadcastChannel(name))
    expect(peers).toEqual([])
    const joined = await dispatcher.join(broadcastChannel(`bus ${buses - 1}`))
    expect(joined.peers).toHaveLength(1)
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
    await expect.poll(() => joined.peers).toHaveLength(0)
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    await expect.poll(() => joined.peers).toHaveLength(1)
    await dispatcher.close()
    await subject.dispose?.()
  })
})
