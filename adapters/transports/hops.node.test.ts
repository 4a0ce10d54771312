import { expect, test } from 'vitest'
import { Dispatcher, type Proxy } from '../../core/index.js'
import { Probe } from '../../core/testing/index.js'
import type { offered } from '../fixtures/hop-server.js'
import { startServer } from '../fixtures/server-process.js'
import { webSocket } from './websocket.js'

/** One call of each kind; each answer belongs to `n` alone. */
const kinds: readonly ((probe: Proxy<Probe>, n: number, here: Proxy<Probe>) => Promise<void>)[] = [
  async (probe, n) => expect(await probe.later(n)).toBe(n),
  async (probe, n) => expect(await probe.echo({ list: [`call ${n}`] })).toEqual({ list: [`call ${n}`] }),
  async (probe, n) => expect(await probe.throwValue({ n }).catch((error: unknown) => error)).toEqual({ n }),
  async (probe, n) => expect(await probe.invoke((given) => given + n, n)).toBe(2 * n),
  async (probe, n, here) => expect(await probe.relay(here, n, 1)).toBe(n + 1),
  async (probe, n) => {
    const failing = (given: number): never => {
      throw new RangeError(`callback ${given}`)
    }
    await expect(probe.invoke(failing, n)).rejects.toEqual(new RangeError(`callback ${n}`))
  },
]

/** The numbers below `count` in another order for each odd `step`. */
const shuffled = (count: number, step: number): number[] => Array.from({ length: count }, (_, n) => (n * step) % count)

test('100 calls at once over three hops never cross', { timeout: 60_000 }, async () => {
  const server = await startServer([], 'hop-server.mjs')
  const dispatcher = new Dispatcher()
  try {
    // This process, over a WebSocket to a server, to a thread of its, to a child process of that.
    const peer = await dispatcher.connect<typeof offered>(webSocket(server.url))
    const probes = await (await peer.spawn('Hop')).probes(7)
    const here = await dispatcher.spawn(Probe)
    // Calls of one actor keep their order; those of seven overtake each other.
    for (const step of [1, 3, 7, 11, 99]) {
      for (const shift of kinds.keys()) {
        const calls = shuffled(100, step).map((n) =>
          kinds[(n + shift) % kinds.length]!(probes[(n * step) % 7]!, n, here),
        )
        await Promise.all(calls)
      }
    }
    expect(dispatcher.info().peers.map(({ pending }) => pending)).toEqual([0])
    expect(dispatcher.peers.map(({ id }) => id)).toEqual([peer.id])
  } finally {
    await dispatcher.close()
    await server.kill()
  }
})
