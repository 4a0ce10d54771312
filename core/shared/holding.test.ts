import { describe, expect, test } from 'vitest'
import { Actor, type ActorError, ask, Dispatcher, kill, type Proxy, stop, tell } from '../index.js'
import { Deferred } from '../ground/deferred.js'
import { linkedPair, virtualClock } from '../testing/index.js'
import { acquire, BoundedSemaphore, type Held, Lock, RLock, RwLock, Semaphore } from './index.js'

const actors = { Lock, RLock, RwLock, Semaphore, BoundedSemaphore }
type Key = keyof typeof actors

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    ({ code }: ActorError) => code,
  )

/** A class of this room, hosted in the realm of the test or behind a link. */
async function realms(where: string) {
  const clock = virtualClock()
  const pair = await linkedPair({ actors, dispatcher: { env: clock, log: () => {} } })
  const { near, far, peer, close } = pair
  const make = async <K extends Key>(key: K, ...args: unknown[]): Promise<Proxy<InstanceType<(typeof actors)[K]>>> => {
    const host = where === 'here' ? near : far
    const proxy = await host.spawn(actors[key] as typeof Semaphore, { name: key, args: args as [number] })
    return (where === 'here' ? proxy : await near.lookup(key)) as never
  }
  return { clock, near, far, peer, make, [Symbol.asyncDispose]: () => close({ mode: 'kill' }) }
}

/** What was acquired so far, in order, of acquisitions that are under way. */
function queue() {
  const order: string[] = []
  const held = new Map<string, Held>()
  const failed = new Map<string, string>()
  const enter = (name: string, acquired: Promise<Held>): void =>
    void acquired.then(
      (each) => {
        order.push(name)
        held.set(name, each)
      },
      ({ code }: ActorError) => failed.set(name, code),
    )
  return { order, held, failed, enter, leave: (name: string) => held.get(name)!.release() }
}

describe.each(['here', 'there'])('a lock that is %s', (where) => {
  test('is held by one at a time, in the order in which they came, with growing tokens', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const q = queue()
    for (const name of ['a', 'b', 'c']) q.enter(name, acquire(lock))
    await r.clock.advance(0)
    expect(q.order).toEqual(['a'])
    await q.leave('a')
    await r.clock.advance(0)
    expect(q.order).toEqual(['a', 'b'])
    await q.leave('b')
    await r.clock.advance(0)
    expect(q.order).toEqual(['a', 'b', 'c'])
    await q.leave('c')
    expect(await lock.locked()).toBe(false)
    const tokens = [...q.held.values()].map(({ token }) => token)
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b))
    expect(new Set(tokens).size).toBe(3)
  })

  test('is released at the end of a block, also where it throws, and its signal does not fire', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    let signal: AbortSignal | undefined
    const block = async (): Promise<void> => {
      await using held = await acquire(lock)
      ;({ signal } = held)
      expect(await lock.check(held.token)).toBe(true)
      throw new TypeError('wrong')
    }
    await expect(block()).rejects.toThrow('wrong')
    expect(await lock.locked()).toBe(false)
    await r.clock.advance(100_000)
    expect(signal!.aborted).toBe(false)
  })

  test('stays held for longer than its lease while its holder is there', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const { timers } = r.clock
    const held = await acquire(lock, { lease: 1_000 })
    await r.clock.advance(100_000)
    expect(await lock.check(held.token)).toBe(true)
    expect(held.signal.aborted).toBe(false)
    await held.release()
    expect(await lock.locked()).toBe(false)
    await r.clock.advance(1_000)
    expect(r.clock.timers).toBeLessThanOrEqual(timers)
  })

  test('goes to the next one when its lease is over and its holder did not read on', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const stream = lock.hold({ lease: 1_000 })[Symbol.asyncIterator]()
    const { value: token } = await stream.next()
    const next = acquire(lock)
    await r.clock.advance(900)
    expect(await lock.check(token)).toBe(true)
    await r.clock.advance(200)
    expect((await next).token).toBeGreaterThan(token)
    expect(await lock.check(token)).toBe(false)
    expect(await codeOf(stream.next())).toBe('expired')
  })

  test('is not waited for by one that timed out, or was aborted', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const q = queue()
    const controller = new AbortController()
    q.enter('a', acquire(lock))
    q.enter('late', acquire(lock, { timeout: 100 }))
    q.enter('aborted', acquire(lock, controller))
    q.enter('b', acquire(lock))
    await r.clock.advance(200)
    controller.abort()
    await r.clock.advance(0)
    expect([...q.failed]).toEqual([
      ['late', 'timeout'],
      ['aborted', 'aborted'],
    ])
    await q.leave('a')
    await r.clock.advance(0)
    expect(q.order).toEqual(['a', 'b'])
    await q.leave('b')
    expect(await lock.locked()).toBe(false)
  })

  test('is held beyond the timeout of the wait, and no longer than its signal lets it', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const controller = new AbortController()
    const held = await acquire(lock, { timeout: 100, signal: controller.signal })
    await r.clock.advance(10_000)
    expect(await lock.check(held.token)).toBe(true)
    controller.abort()
    await r.clock.advance(0)
    expect(held.signal.aborted).toBe(true)
    expect(await lock.locked()).toBe(false)
    await held.release()
  })

  test('is lost when its actor ends, and its holder is told', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const held = await acquire(lock)
    const waits = codeOf(acquire(lock))
    await r.clock.advance(0)
    void (where === 'here' ? kill(lock) : kill((await r.far.lookup<Lock>('Lock'))!))
    expect(await waits).toBe('stopped')
    await r.clock.advance(0)
    expect(held.signal.aborted).toBe(true)
    expect((held.signal.reason as ActorError).code).toBe('stopped')
    await held.release()
  })

  test('is freed by a token, once, or by the lease', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const first = await lock.acquire({ lease: 1_000 })
    expect(await lock.tryAcquire()).toBe(undefined)
    const second = lock.acquire({ lease: 1_000 })
    expect(await lock.release(first)).toBe(true)
    expect(await lock.check(await second)).toBe(true)
    expect(await lock.release(first)).toBe(false)
    expect(await lock.renew(first)).toBe(false)
    expect(await lock.check(await second)).toBe(true)
    await r.clock.advance(900)
    expect(await lock.renew(await second, 5_000)).toBe(true)
    await r.clock.advance(4_000)
    expect(await lock.locked()).toBe(true)
    await r.clock.advance(2_000)
    expect(await lock.locked()).toBe(false)
    const third = await lock.tryAcquire()
    expect(third).toBeGreaterThan(await second)
    await r.clock.advance(29_000)
    expect(await lock.locked()).toBe(true)
    await r.clock.advance(2_000)
    expect(await lock.locked()).toBe(false)
  })

  test('leaves out calls of acquire that are given up', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const first = await lock.acquire()
    const late = codeOf(ask(lock, { timeout: 100 }).acquire())
    const next = lock.acquire()
    await r.clock.advance(200)
    expect(await late).toBe('timeout')
    await lock.release(first)
    expect(await lock.check(await next)).toBe(true)
  })

  test('stays held when those who wait give up, also if errors would restart it', async () => {
    await using r = await realms(where)
    await (where === 'here' ? r.near : r.far).spawn(Lock, { name: 'supervised', restart: 'transient' })
    const lock = (await r.near.lookup<Lock>('supervised'))!
    const held = await acquire(lock)
    const late = [codeOf(ask(lock, { timeout: 100 }).acquire()), codeOf(acquire(lock, { timeout: 100 }))]
    await r.clock.advance(200)
    expect(await Promise.all(late)).toEqual(['timeout', 'timeout'])
    expect(await lock.check(held.token)).toBe(true)
  })

  test('refuses options that are wrong', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    for (const lease of [0, -1, Number.NaN, '1' as never]) {
      expect(await codeOf(lock.acquire({ lease }))).toBe('malformed')
      expect(await codeOf(acquire(lock, { lease }))).toBe('malformed')
    }
    expect(await lock.locked()).toBe(false)
  })

  test('gives tokens above all earlier ones when it is started again', async () => {
    await using r = await realms(where)
    const host = where === 'here' ? r.near : r.far
    const owner = await host.spawn(Lock, { name: 'again', restart: 'permanent' })
    const lock = (await r.near.lookup<Lock>('again'))!
    const before = await lock.acquire()
    await r.clock.advance(10)
    await stop(owner).catch(() => {})
    await host.spawn(Lock, { name: 'again' })
    const after = await ask((await r.near.lookup<Lock>('again'))!).acquire()
    expect(after).toBeGreaterThan(before)
  })
})

describe.each(['here', 'there'])('the holder of a lock that is %s', (where) => {
  class Holder extends Actor {
    #held: Held | undefined
    /** Holds it beyond the call. */
    async keep(lock: Proxy<Lock>): Promise<number> {
      this.#held = await acquire(lock)
      return this.#held.token
    }
    async keepWithContext(lock: Proxy<Lock>): Promise<number> {
      const { context } = this
      this.#held = await acquire(lock, { context })
      return this.#held.token
    }
    /** Acquires it beside the call, after `before`; `told` hears what came of it. */
    acquireBeside(lock: Proxy<Lock>, told: (outcome: unknown) => void, before?: () => Promise<void>): void {
      const { context } = this
      void (async () => {
        await before?.()
        return acquire(lock, { context })
      })().then(told, ({ code }: ActorError) => told(code))
    }
    /** Holds it until the call is given up. */
    async work(lock: Proxy<Lock>): Promise<void> {
      const { context } = this
      await Promise.resolve()
      await using _ = await acquire(lock, { context })
      await new Promise<never>(() => {})
    }
  }

  test.each(['kill', 'stop'])('is an actor that ends by %s while it keeps the lock in a field', async (how) => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const holder = await r.near.spawn(Holder)
    await holder.keep(lock)
    const next = lock.acquire()
    await r.clock.advance(20_000)
    expect(await lock.locked()).toBe(true)
    await (how === 'kill' ? kill(holder) : stop(holder))
    expect(await lock.check(await next)).toBe(true)
  })

  test('is an actor that starts again after it was killed, and gave its context', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const holder = await r.near.spawn(Holder, { restart: 'transient' })
    const token = await holder.keepWithContext(lock)
    const next = lock.acquire()
    await r.clock.advance(20_000)
    expect(await lock.check(token)).toBe(true)
    await kill(holder)
    expect(await lock.check(await next)).toBe(true)
    expect(await holder.keepWithContext((await r.make('RLock')) as never)).toBeGreaterThan(0)
  })

  test('is no instance that was replaced while it waited for the lock', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const holder = await r.near.spawn(Holder, { restart: 'permanent' })
    const held: number[] = []
    for (let moment = 0; moment < 40; moment++) {
      const first = await lock.acquire()
      const outcomes: unknown[] = []
      await holder.acquireBeside(lock, (outcome) => outcomes.push(outcome))
      await r.clock.advance(0)
      const released = lock.release(first)
      for (let turn = 0; turn < moment; turn++) await undefined
      const killed = kill(holder)
      await r.clock.advance(0)
      await Promise.all([released, killed])
      await r.clock.advance(1_000_000)
      if ((await lock.locked()) || outcomes.length !== 1) held.push(moment)
    }
    expect(held).toEqual([])
  })

  test('is no instance that was replaced while it waited, when the lock is free much later', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const first = await acquire(lock)
    const holder = await r.near.spawn(Holder, { restart: 'permanent' })
    const outcome = new Promise((told) => void holder.acquireBeside(lock, told))
    await r.clock.advance(0)
    await kill(holder)
    expect(await outcome).toBe('stopped')
    await first.release()
    await r.clock.advance(0)
    expect(await lock.locked()).toBe(false)
  })

  test('is no instance that has been replaced before it asks', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const holder = await r.near.spawn(Holder, { restart: 'permanent' })
    const gate = new Deferred<void>()
    const outcome = new Promise((told) => void holder.acquireBeside(lock, told, () => gate.promise))
    await r.clock.advance(0)
    await kill(holder)
    gate.resolve()
    expect(await outcome).toBe('stopped')
    expect(await lock.locked()).toBe(false)
  })

  test('is an actor that is killed while its handler holds the lock', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const holder = await r.near.spawn(Holder)
    const works = codeOf(holder.work(lock))
    await r.clock.advance(0)
    expect(await lock.locked()).toBe(true)
    await kill(holder)
    expect(await works).toBe('stopped')
    await r.clock.advance(0)
    expect(await lock.locked()).toBe(false)
  })

  test('is a handler whose caller gives up', async () => {
    await using r = await realms(where)
    const lock = await r.make('Lock')
    const holder = await r.near.spawn(Holder)
    const controller = new AbortController()
    const works = codeOf(ask(holder, controller).work(lock))
    await r.clock.advance(0)
    expect(await lock.locked()).toBe(true)
    controller.abort()
    expect(await works).toBe('aborted')
    await r.clock.advance(0)
    expect(await lock.locked()).toBe(false)
  })
})

test('a lock behind a link is free when the link of its holder ends, and those who wait there leave', async () => {
  const clock = virtualClock()
  const { near, far, close } = await linkedPair({ dispatcher: { env: clock, log: () => {} } })
  const lock = await far.spawn(Lock, { name: 'lock' })
  const there = (await near.lookup<Lock>('lock'))!
  const held = await acquire(there)
  const waits = codeOf(acquire(there))
  await clock.advance(0)
  const next = lock.acquire()
  await clock.advance(20_000)
  expect(await lock.check(held.token)).toBe(true)
  await near.close({ mode: 'kill' })
  expect(await lock.check(await next)).toBe(true)
  expect(held.signal.aborted).toBe(true)
  expect(await waits).toBe('unknown')
  await close({ mode: 'kill' })
})

test('a lock is held by an untrusted peer for longer than calls of such a peer may take', async () => {
  const clock = virtualClock()
  const { peer, close } = await linkedPair({
    actors: { Lock },
    trusted: false,
    dispatcher: { env: clock, log: () => {} },
  })
  const lock = await peer.spawn('Lock')
  const held = await acquire(lock)
  const late = codeOf(acquire(lock))
  const patient = acquire(lock, { timeout: 200_000 })
  for (let second = 0; second < 100; second++) await clock.advance(1_000)
  expect(held.signal.aborted).toBe(false)
  expect(await late).toBe('timeout')
  await held.release()
  expect(await lock.check((await patient).token)).toBe(true)
  await close({ mode: 'kill' })
})

test('a token whose lease is over is refused, also where the timer is late', async () => {
  const clock = virtualClock()
  let now = 0
  const dispatcher = new Dispatcher({ env: { ...clock, now: () => now } })
  const lock = await dispatcher.spawn(Lock)
  const tokens = [await lock.acquire({ lease: 100 })]
  now = 101
  expect(await lock.check(tokens[0]!)).toBe(false)
  tokens.push((await lock.tryAcquire({ lease: 100 }))!)
  now = 202
  expect([await lock.release(tokens[1]!), await lock.renew(tokens[1]!)]).toEqual([false, false])
  expect(await lock.locked()).toBe(false)
  await dispatcher.close({ mode: 'kill' })
})

test('a lock is not held by one that gives up at the moment in which it gets it', async () => {
  await using r = await realms('here')
  const held: string[] = []
  for (let moment = 0; moment < 20; moment++) {
    for (const how of ['acquire', 'hold']) {
      const lock = await r.near.spawn(Lock)
      const controller = new AbortController()
      const asked = ask(lock, controller)
      const token = await lock.acquire()
      const acquired = codeOf(how === 'hold' ? acquire(lock, controller) : asked.acquire())
      await r.clock.advance(0)
      tell(lock).release(token)
      for (let turn = 0; turn < moment; turn++) await undefined
      controller.abort()
      const isGivenUp = how === 'hold' || (await acquired) === 'aborted'
      await r.clock.advance(0)
      if (isGivenUp && (await lock.locked())) held.push(`${how} ${moment}`)
    }
  }
  expect(held).toEqual([])
})

test('the options of each kind of lock are checked by its type', () => {
  const check = (lock: Proxy<Lock>, rwLock: Proxy<RwLock>, semaphore: Proxy<Semaphore>): void => {
    void acquire(semaphore, { n: 2 })
    void acquire(rwLock, { mode: 'read' })
    // @ts-expect-error a lock has one permit
    void acquire(lock, { n: 2 })
    // @ts-expect-error no such mode
    void acquire(rwLock, { mode: 'other' })
  }
  expect(check).toBeTypeOf('function')
})

describe('an RLock', () => {
  test('is acquired again within what is held, and is free once it was released as often', async () => {
    await using r = await realms('there')
    const lock = await r.make('RLock')
    const outer = await acquire(lock)
    const inner = await acquire(lock, { within: outer.token })
    const innermost = await lock.acquire({ within: inner.token })
    expect([inner.token, innermost]).toEqual([outer.token, outer.token])
    const other = lock.acquire()
    await outer.release()
    await inner.release()
    expect(await lock.check(outer.token)).toBe(true)
    expect(await lock.release(innermost)).toBe(true)
    expect(await other).toBeGreaterThan(outer.token)
    expect(await codeOf(acquire(lock, { within: outer.token }))).toBe('expired')
    expect(await codeOf(lock.acquire({ within: outer.token }))).toBe('expired')
  })

  test.each([
    [30_000, 300],
    [300, 30_000],
  ])('stays held by each holder that is there, with leases of %d and %d', async (wide, narrow) => {
    await using r = await realms('there')
    const lock = await r.make('RLock')
    const outer = await acquire(lock, { lease: wide })
    const inner = await acquire(lock, { within: outer.token, lease: narrow })
    await r.clock.advance(100_000)
    expect([outer.signal.aborted, inner.signal.aborted]).toEqual([false, false])
    await outer.release()
    await r.clock.advance(100_000)
    expect([await lock.check(inner.token), inner.signal.aborted]).toEqual([true, false])
    await inner.release()
    expect(await lock.locked()).toBe(false)
  })

  test('refuses a lease that is none, also within what is held', async () => {
    await using r = await realms('there')
    const lock = await r.make('RLock')
    const outer = await acquire(lock)
    expect(await codeOf(acquire(lock, { within: outer.token, lease: 0 }))).toBe('malformed')
    await outer.release()
    expect(await lock.locked()).toBe(false)
  })
})

describe('an RwLock', () => {
  test('has many readers or one writer, and readers that come later wait behind a writer', async () => {
    await using r = await realms('there')
    const lock = await r.make('RwLock')
    const q = queue()
    q.enter('r1', acquire(lock, { mode: 'read' }))
    q.enter('r2', acquire(lock, { mode: 'read' }))
    q.enter('w1', acquire(lock, { mode: 'write' }))
    q.enter('r3', acquire(lock, { mode: 'read' }))
    q.enter('w2', acquire(lock))
    q.enter('r4', acquire(lock, { mode: 'read' }))
    q.enter('r5', acquire(lock, { mode: 'read' }))
    await r.clock.advance(0)
    expect(q.order).toEqual(['r1', 'r2'])
    await q.leave('r2')
    await r.clock.advance(0)
    expect(q.order).toEqual(['r1', 'r2'])
    for (const [left, order] of [
      ['r1', ['w1']],
      ['w1', ['r3']],
      ['r3', ['w2']],
      ['w2', ['r4', 'r5']],
    ] as const) {
      const before = q.order.length
      await q.leave(left)
      await r.clock.advance(0)
      expect(q.order.slice(before)).toEqual(order)
    }
    expect(await codeOf(acquire(lock, { mode: 'other' as never }))).toBe('malformed')
  })

  test('lets readers in when the writer that waits gives up', async () => {
    await using r = await realms('there')
    const lock = await r.make('RwLock')
    const q = queue()
    const controller = new AbortController()
    q.enter('r1', acquire(lock, { mode: 'read' }))
    q.enter('w1', acquire(lock, { signal: controller.signal }))
    q.enter('r2', acquire(lock, { mode: 'read' }))
    await r.clock.advance(0)
    expect(q.order).toEqual(['r1'])
    controller.abort()
    await r.clock.advance(0)
    expect(q.order).toEqual(['r1', 'r2'])
  })
})

describe('a semaphore', () => {
  test('has so many permits, and one that wants many is not passed', async () => {
    await using r = await realms('there')
    const semaphore = await r.make('Semaphore', 3)
    const q = queue()
    q.enter('one', acquire(semaphore))
    q.enter('all', acquire(semaphore, { n: 3 }))
    q.enter('two', acquire(semaphore, { n: 2 }))
    await r.clock.advance(0)
    expect(q.order).toEqual(['one'])
    expect(await semaphore.available()).toBe(2)
    await q.leave('one')
    await r.clock.advance(0)
    expect(q.order).toEqual(['one', 'all'])
    await q.leave('all')
    await r.clock.advance(0)
    expect(q.order).toEqual(['one', 'all', 'two'])
    await q.leave('two')
    expect(await semaphore.available()).toBe(3)
  })

  test('counts what is taken for good and added', async () => {
    await using r = await realms('there')
    const semaphore = await r.make('Semaphore', 0)
    const [one, two] = [semaphore.take(), semaphore.take(2)]
    await semaphore.add(2)
    await one
    expect(await semaphore.available()).toBe(1)
    await semaphore.add(5)
    await two
    expect(await semaphore.available()).toBe(4)
    expect(await codeOf(semaphore.take(0))).toBe('malformed')
    expect(await codeOf(semaphore.add(-1))).toBe('malformed')
  })

  test('that is bounded takes back no more than were taken', async () => {
    await using r = await realms('there')
    const semaphore = await r.make('BoundedSemaphore', 2)
    expect(await codeOf(semaphore.add())).toBe('malformed')
    expect(await codeOf(acquire(semaphore, { n: 3 }))).toBe('malformed')
    await semaphore.take(2)
    await semaphore.add()
    const held = await acquire(semaphore)
    expect(await codeOf(semaphore.add(2))).toBe('malformed')
    await semaphore.add()
    expect(await semaphore.available()).toBe(1)
    await held.release()
    expect(await semaphore.available()).toBe(2)
  })
})
