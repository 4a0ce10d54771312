import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ENGINES } from '../fixtures/engines.js'
import { RunningEngine } from '../fixtures/running-engine.js'
import { SlowWay } from '../fixtures/slow-way.js'
import type { Locks } from './locks.js'

const holder = fileURLToPath(new URL('../../.cache/fixtures/lock-holder.mjs', import.meta.url))
const ROUNDS = 1_000
const LEASE = 1_000

describe.each(ENGINES)('locks over $name', (engine) => {
  const running = new RunningEngine(engine)

  /** The locks of two processes, each with a client of its own. */
  async function open(lease = LEASE, place = running.place()): Promise<[Locks, Locks]> {
    const made = await Promise.all([running.connect(), running.connect()])
    return made.map(({ client }) => engine.locks(client, place, lease)) as [Locks, Locks]
  }

  test('one holder at a time, whose tokens only grow, and whose context others read', async () => {
    const [one, other] = await open()
    const first = await one.acquire('a', { context: { by: 'one' } })
    expect(await other.holder('a')).toEqual({ token: first.token, context: { by: 'one' } })
    expect(await other.tryAcquire('a')).toBeUndefined()
    expect(await other.holder('b')).toBeUndefined()
    const waiting = other.acquire('a')
    await first.release()
    const second = await waiting
    expect(second.token).toBeGreaterThan(first.token)
    expect(await one.check('a', first.token)).toBe(false)
    expect(await one.check('a', second.token)).toBe(true)
    await first.release()
    expect(await one.holder('a')).toEqual({ token: second.token, context: undefined })
    expect(second.signal.aborted).toBe(false)
    await second.release()
    expect(await one.holder('a')).toBeUndefined()
  })

  test('is released at the end of a block', async () => {
    const [locks] = await open()
    {
      await using held = await locks.acquire('a')
      expect(await locks.check('a', held.token)).toBe(true)
    }
    expect(await locks.holder('a')).toBeUndefined()
  })

  test('stays held as long as its holder lives, over several leases', async () => {
    const [one, other] = await open(300)
    const held = await one.acquire('a')
    await expect(other.acquire('a', { timeout: 1_500 })).rejects.toMatchObject({ code: 'timeout', ran: 'no' })
    expect(held.signal.aborted).toBe(false)
    expect(await other.check('a', held.token)).toBe(true)
    await held.release()
  })

  test('is waited for no longer when the signal fires, and nothing stays held', async () => {
    const [one, other] = await open()
    const held = await one.acquire('a')
    const waits = new AbortController()
    const waiting = other.acquire('a', { signal: waits.signal })
    waits.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
    await expect(other.acquire('b', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' })
    await held.release()
    for (const name of ['a', 'b']) {
      const next = await one.acquire(name, { timeout: 500 })
      await next.release()
    }
  })

  test(`one of two racers gets a name, ${ROUNDS} times`, async () => {
    const racers = await open()
    let last = 0
    for (let round = 0; round < ROUNDS; round++) {
      const all = await Promise.all(racers.map((locks) => locks.tryAcquire('a')))
      const [winner, none] = all.filter((held) => held !== undefined)
      expect(winner!.token).toBeGreaterThan(last)
      expect(none).toBeUndefined()
      last = winner!.token
      await winner!.release()
    }
  }, 60_000)

  test('a holder that is stopped past its lease is taken over, and learns that it lost the lock', async () => {
    const place = running.place()
    const child = fork(holder, [engine.name, String(running.server.port), place, '500'])
    const [{ token }] = (await once(child, 'message')) as [{ token: number }]
    const [locks] = await open(500, place)
    expect(await locks.holder('a')).toEqual({ token, context: { process: child.pid } })
    child.kill('SIGSTOP')
    const next = await locks.acquire('a')
    expect(next.token).toBeGreaterThan(token)
    const told = once(child, 'message')
    child.kill('SIGCONT')
    expect(await told).toEqual([{ lost: 'expired' }, undefined])
    expect(await locks.check('a', token)).toBe(false)
    expect(await locks.check('a', next.token)).toBe(true)
    child.kill('SIGKILL')
  })

  test('the lock of a process that is killed is free when its lease is over', async () => {
    const place = running.place()
    const child = fork(holder, [engine.name, String(running.server.port), place, '500'])
    await once(child, 'message')
    const [locks] = await open(500, place)
    child.kill('SIGKILL')
    const start = performance.now()
    await locks.acquire('a')
    expect(performance.now() - start).toBeLessThan(500 + 1_000)
  })

  test('survives a kill of the server, and is lost where the server stays away', async () => {
    const [locks] = await open(2_000)
    const held = await locks.acquire('a')
    await running.server.kill()
    await running.server.start()
    expect(await locks.check('a', held.token)).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(held.signal.aborted).toBe(false)
    await running.server.kill()
    const lost = new Promise((resolve) => held.signal.addEventListener('abort', resolve))
    await lost
    expect(held.signal.reason).toMatchObject({ code: 'expired' })
  })

  test('has a larger token also where the server has lost its data', async () => {
    const [locks] = await open()
    let last = 0
    for (let round = 0; round < 3; round++) {
      const held = await locks.acquire('a')
      expect(held.token).toBeGreaterThan(last)
      last = held.token
      await running.server.forget()
    }
  })

  test('that was asked for while the server was away is held for a whole lease', async () => {
    const [locks, other] = await open(500)
    await (await locks.acquire('a')).release()
    await running.server.kill()
    const acquiring = locks.acquire('a')
    await new Promise((resolve) => setTimeout(resolve, 800))
    await running.server.start()
    const held = await acquiring
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(held.signal.aborted).toBe(false)
    expect(await other.check('a', held.token)).toBe(true)
    await held.release()
  })

  test('that cannot be held, since answers come too late for the lease, is given back', async () => {
    using way = await SlowWay.open(running.server.port)
    const place = running.place()
    const [other] = await open(400, place)
    const slow = engine.locks((await running.connect(way.port)).client, place, 400)
    await (await slow.acquire('a')).release()
    way.delay = 250
    const calls = [slow.acquire('a'), slow.acquire('b', { timeout: 500 }), slow.tryAcquire('c')]
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'unknown', ran: 'maybe' })
    for (const name of ['a', 'b', 'c']) await (await other.acquire(name, { timeout: 5_000 })).release()
    way.delay = 0
    const held = await slow.acquire('a')
    expect(await other.check('a', held.token)).toBe(true)
    await held.release()
  })

  test('refuses wrong arguments', async () => {
    const [locks] = await open()
    const wrong = [
      locks.acquire(''),
      locks.acquire(5 as never),
      locks.acquire('a', { timeout: -1 }),
      locks.acquire('a', { context: 1n }),
      locks.acquire('a', { context: () => {} }),
      locks.acquire('a', { signal: {} as never }),
      locks.acquire('a', { signal: new AbortController() as never }),
      locks.acquire('a', { timout: 5 } as never),
      locks.acquire('a', null as never),
      locks.acquire('a', 5 as never),
      locks.tryAcquire('x'.repeat(256)),
      locks.holder('☃'.repeat(86)),
      locks.check('a', '5' as never),
    ]
    for (const call of wrong) await expect(call).rejects.toMatchObject({ code: 'malformed', ran: 'no' })
    const large = locks.acquire('a', { context: 'x'.repeat(65_537) })
    await expect(large).rejects.toMatchObject({ code: 'too-large', ran: 'no' })
    expect(await locks.holder('a')).toBeUndefined()
    await (await locks.acquire('☃'.repeat(85), { context: 'x'.repeat(65_534) })).release()
    const client = (await running.connect()).client
    expect(() => engine.locks({}, 'a', LEASE)).toThrow(expect.objectContaining({ code: 'malformed' }))
    for (const lease of [0, 50, NaN, '5' as never])
      expect(() => engine.locks(client, 'a', lease)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
})
