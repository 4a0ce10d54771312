import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ActorError, ask, ping } from '../../core/index.js'
import { cluster, end, found, type Node } from '../fixtures/broker-cluster.js'
import { LIBRARIES, type Library } from '../fixtures/clients.js'
import { type BrokerServer, startBroker } from '../fixtures/broker-server.js'

let buses = 0

const outcome = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error)
/** Two members call one actor, and a third one calls another, while there is trouble: every call is made once, in order. */
async function underLoad([a, b, c]: readonly Node[], trouble: () => Promise<void>): Promise<void> {
  const ways = [await found(a!.realm, 'c'), await found(b!.realm, 'c'), await found(c!.realm, 'a')]
  const calls: Promise<unknown>[][] = [[], [], []]
  let isOver = false
  const load = async (n: number): Promise<void> => {
    for (let i = 0; !isOver; i++) {
      calls[n]!.push(outcome(ways[n]!.record(n * 1e6 + i)))
      if (i % 50 === 49) await sleep(1)
    }
  }
  const loads = ways.map((_, n) => load(n))
  await sleep(200)
  await trouble()
  await sleep(200)
  isOver = true
  await Promise.all(loads)
  for (const [n, sent] of calls.entries()) {
    expect(sent.length).toBeGreaterThan(100)
    expect(await Promise.all(sent)).toEqual(sent.map((_, i) => n * 1e6 + i))
  }
  const atC = await ways[0]!.all()
  expect(atC.filter((n) => n < 1e6)).toEqual(calls[0]!.map((_, i) => i))
  expect(atC.filter((n) => n >= 1e6)).toEqual(calls[1]!.map((_, i) => 1e6 + i))
}

describe.each(Object.keys(LIBRARIES) as Library[])('%s: an outage', (library) => {
  let server: BrokerServer
  let prefix: string
  beforeAll(async () => void (server = await startBroker(LIBRARIES[library])))
  beforeEach(() => void (prefix = `outage-${buses++}`))
  afterEach(() => server.start())
  afterAll(() => server.dispose())

  test('in which more waits for a member than is kept ends the link, and a new one follows at once', async () => {
    const nodes = await cluster(library, server.port, ['a', 'b'], { prefix })
    const [a, b] = nodes
    const recorder = await found(a!.realm, 'b')
    await server.kill()
    await expect.poll(() => a!.realm.info().buses[0]!.state).toBe('away')
    const calls = Array.from({ length: 20 }, () => outcome(recorder.echo(new Uint8Array(1_000_000))))
    const start = performance.now()
    for (const call of calls) expect(await call).toMatchObject({ code: 'unknown', ran: 'maybe' })
    expect(performance.now() - start).toBeLessThan(5_000)
    await server.start()
    // Long before the heartbeat of 15 s.
    await expect.poll(() => [a, b].map((node) => node!.realm.peers.length), { timeout: 8_000 }).toEqual([1, 1])
    expect(await (await found(a!.realm, 'b')).record(1)).toBe(1)
    await end(nodes)
  })

  test('of the server under load is outlasted by every call, in order, each once', async () => {
    const nodes = await cluster(library, server.port, ['a', 'b', 'c'], { prefix })
    await underLoad(nodes, async () => {
      for (let round = 0; round < 3; round++) {
        await server.kill()
        await sleep(300)
        await server.start()
        await sleep(200)
      }
    })
    await end(nodes)
  })

  test('of connections under load is outlasted in the same way', async () => {
    const nodes = await cluster(library, server.port, ['a', 'b', 'c'], { prefix, key: 'a secret of 16 bytes or more' })
    await underLoad(nodes, async () => {
      for (let round = 0; round < 30; round++) {
        await nodes[round % 3]!.client.cut().catch(() => {})
        await sleep(40)
      }
    })
    const resent = nodes.map(({ realm }) => realm.info().buses[0]!.resent)
    console.log(`${library}: packets that were sent again: ${resent.join(', ')}`)
    expect(Math.max(...resent)).toBeGreaterThan(0)
    await end(nodes)
  })

  test('is told once when it begins and once when it is over, and calls keep their deadlines', async () => {
    const nodes = await cluster(library, server.port, ['a', 'b'], { prefix })
    const [a] = nodes
    const b = await found(a!.realm, 'b')
    expect(a!.realm.info().buses).toMatchObject([{ state: 'open' }])
    await server.kill()
    await expect.poll(() => a!.realm.info().buses).toMatchObject([{ state: 'away' }])
    expect(await outcome(ask(b, { timeout: 300 }).record(1))).toMatchObject({ code: 'timeout', ran: 'maybe' })
    const late = ask(b, { timeout: 20_000 }).record(2)
    await server.start()
    expect(await late).toBe(2)
    await expect
      .poll(() => a!.said)
      .toEqual([
        `[troupe] ${LIBRARIES[library]} '${prefix}' cannot be reached; messages wait for it`,
        `[troupe] ${LIBRARIES[library]} '${prefix}' can be reached again`,
      ])
    expect(a!.realm.info().buses).toMatchObject([{ state: 'open', refused: 0 }])
    await end(nodes)
  })

  test.each([
    ['of a server that is gone', () => server.kill(), () => server.start()],
    ['of a server that stands still', async () => server.signal('SIGSTOP'), async () => server.signal('SIGCONT')],
  ])('%s, longer than the heartbeat: calls settle, and the members find each other again', async (_, stop, go) => {
    const limits = { trusted: { heartbeat: 400 } }
    const nodes = await cluster(library, server.port, ['a', 'b', 'c'], { prefix, limits })
    const [a, , c] = nodes.map(({ realm }) => realm)
    const b = await found(a!, 'b')
    const hangs = outcome(b.hang())
    await ping(b)
    await stop()
    const lost = (await hangs) as ActorError
    expect(lost).toMatchObject({ code: 'unknown', ran: 'maybe' })
    expect(await outcome(b.record(2))).toMatchObject({ code: 'unreachable', ran: 'no' })
    await go()
    await expect.poll(() => c!.peers.map(({ id }) => id).sort(), { timeout: 10_000 }).toEqual(['a', 'b'])
    await expect.poll(() => a!.peers.map(({ id }) => id).sort(), { timeout: 10_000 }).toEqual(['b', 'c'])
    await expect.poll(() => outcome(b.record(3)), { timeout: 10_000 }).toBe(3)
    expect(await (await found(c!, 'b')).record(4)).toBe(4)
    await end(nodes)
  })
})
