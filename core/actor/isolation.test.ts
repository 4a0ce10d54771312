import { expect, test, vi } from 'vitest'
import { Actor, Dispatcher, ended, info, type Proxy, reference, same, transfer } from '../index.js'

class Keeper extends Actor {
  kept: unknown
  keep(value: unknown): void {
    this.kept = value
  }
  get(): unknown {
    return this.kept
  }
  call(fn: () => number): number | Promise<number> {
    return fn()
  }
  itself(): this {
    return this
  }
  fail(): never {
    throw this.kept
  }
}

const isolated = (): Promise<Proxy<Keeper>> => new Dispatcher({ isolate: true, log: () => {} }).spawn(Keeper)
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

test('a realm hands values over as they are, unless it isolates its actors', async () => {
  const value = { list: [1] }
  const open = await new Dispatcher().spawn(Keeper)
  await open.keep(value)
  expect(await open.get()).toBe(value)
  const keeper = await isolated()
  const kept = keeper.keep(value)
  value.list.push(2)
  await kept
  const got = (await keeper.get()) as typeof value
  expect(got).toEqual({ list: [1] })
  got.list.push(3)
  expect(await keeper.get()).toEqual({ list: [1] })
})

test('what travels by reference is the same there, and what is moved is moved', async () => {
  const keeper = await isolated()
  expect(await keeper.call(() => 7)).toBe(7)
  expect(same(await keeper.itself(), keeper)).toBe(true)
  await keeper.keep([keeper, reference(new Map([['a', 1]]))])
  const [proxy, map] = (await keeper.get()) as [Proxy<Keeper>, Proxy<Map<string, number>>]
  expect(same(proxy, keeper)).toBe(true)
  expect(await (map as unknown as { get(key: string): Promise<number> }).get('a')).toBe(1)
  const buffer = new ArrayBuffer(8)
  await keeper.keep(transfer({ buffer }, [buffer]))
  expect(buffer.byteLength).toBe(0)
  expect(((await keeper.get()) as { buffer: ArrayBuffer }).buffer.byteLength).toBe(8)
})

test('what cannot be copied is refused with its place in the value', async () => {
  const keeper = await isolated()
  expect(await outcome(keeper.keep({ at: [Symbol('s')] }))).toMatchObject({
    code: 'uncloneable',
    ran: 'no',
    message: expect.stringContaining('.at[0]') as string,
  })
})

test('a result that cannot be copied fails its call, not the actor', async () => {
  class Maker extends Actor {
    make(): object {
      return { s: Symbol('s') }
    }
  }
  const maker = await new Dispatcher({ isolate: true, log: () => {} }).spawn(Maker, { restart: 'transient' })
  expect(await outcome(maker.make())).toMatchObject({ code: 'uncloneable', ran: 'maybe' })
  expect(await info(maker)).toMatchObject({ incarnation: 1, restarts: 0 })
})

test('a reentrant actor that calls itself is given a copy, and gives one', async () => {
  class Mirror extends Actor {
    static reentrant = true
    readonly own = { at: 1 }
    give(value: { at: number }): { at: number } {
      value.at++
      return this.own
    }
    async look(): Promise<number[]> {
      const given = { at: 1 }
      const got = await (this.context.self as Proxy<Mirror>).give(given)
      got.at = 9
      return [given.at, this.own.at]
    }
  }
  const mirror = await new Dispatcher({ isolate: true }).spawn(Mirror)
  expect(await mirror.look()).toEqual([1, 1])
})

test('what is thrown, what is sent into a stream and what an actor is made of are copies, too', async () => {
  const given: unknown[] = []
  class Taker extends Actor {
    constructor(options: { at: number }) {
      super()
      given.push(options)
    }
    throw(): never {
      throw error
    }
    async *take(): AsyncGenerator<number, void, unknown> {
      for (;;) given.push(yield given.length)
    }
  }
  const error = Object.assign(new RangeError('mine'), { extra: { n: 1 } })
  const value = { at: 1 }
  const taker = await new Dispatcher({ isolate: true }).spawn(Taker, { args: [value] })
  const thrown = (await outcome(taker.throw())) as typeof error
  expect(thrown).not.toBe(error)
  expect(thrown.extra).not.toBe(error.extra)
  expect(thrown).toMatchObject({ name: 'RangeError', message: 'mine', extra: { n: 1 } })
  const stream = await (taker.take() as unknown as Promise<AsyncIterable<number>>)
  const steps = stream[Symbol.asyncIterator]() as AsyncIterator<number, void, unknown>
  await steps.next()
  await steps.next(value)
  value.at = 2
  expect(given).toEqual([{ at: 1 }, { at: 1 }])
  await expect(steps.next(Symbol('s'))).rejects.toMatchObject({ code: 'uncloneable' })
})

test('an error is copied without the fields that cannot be, and a spawn whose arguments cannot be is refused', async () => {
  class Taker extends Actor {
    constructor(readonly symbol: symbol) {
      super()
    }
  }
  class Thrower extends Actor {
    throw(): never {
      throw Object.assign(new Error('odd'), { at: Symbol('s') })
    }
  }
  const dispatcher = new Dispatcher({ isolate: true, log: () => {} })
  const thrower = await dispatcher.spawn(Thrower)
  const error = await outcome(thrower.throw())
  expect(error).toMatchObject({ message: 'odd' })
  expect(error).not.toHaveProperty('at')
  const refused = await outcome(dispatcher.spawn(Taker, { args: [Symbol('s')] }))
  expect(refused).toMatchObject({ code: 'uncloneable', ran: 'no' })
})

test('an actor whose arguments were moved to it is not made again of what is left', async () => {
  class Holder extends Actor {
    static mine: ArrayBuffer[] = []
    constructor(buffer: ArrayBuffer) {
      super()
      Holder.mine.push(buffer)
    }
    fail(): never {
      throw new Error('for good')
    }
  }
  const buffer = new ArrayBuffer(8)
  const dispatcher = new Dispatcher({ isolate: true, log: () => {} })
  const holder = await dispatcher.spawn(Holder, {
    args: [transfer(buffer, [buffer])],
    restart: 'permanent',
    decide: () => 'restart',
  })
  expect([buffer.byteLength, Holder.mine[0]?.byteLength]).toEqual([0, 8])
  const end = ended(holder)
  await outcome(holder.fail())
  expect(await end).toMatchObject({ code: 'not-restartable' })
})

test('a generator whose item cannot be copied ends', async () => {
  const told: string[] = []
  class Spoiled extends Actor {
    async *items(): AsyncGenerator<unknown> {
      try {
        yield 1
        yield Symbol('item')
      } finally {
        told.push('ended')
      }
    }
  }
  const spoiled = await new Dispatcher({ isolate: true, log: () => {} }).spawn(Spoiled)
  const items = (await spoiled.items())[Symbol.asyncIterator]()
  expect(await items.next()).toMatchObject({ value: 1 })
  expect(await outcome(items.next())).toMatchObject({ code: 'uncloneable', ran: 'maybe' })
  await vi.waitFor(() => expect(told).toEqual(['ended']))
})

test.each([false, true])(
  'an actor that hands itself over is called through its mailbox (isolate: %s)',
  async (isolate) => {
    class Member extends Actor {
      running = 0
      join(keeper: Proxy<Keeper>): unknown {
        return keeper.keep(this as never)
      }
      async later(keeper: Proxy<Keeper>): Promise<unknown> {
        await Promise.resolve()
        return keeper.keep(this as never)
      }
      async work(): Promise<number> {
        const running = ++this.running
        await Promise.resolve()
        this.running--
        return running
      }
    }
    await using dispatcher = new Dispatcher({ isolate })
    const keeper = await dispatcher.spawn(Keeper)
    await using member = await dispatcher.spawn(Member)
    for (const hand of [member.join(keeper), member.later(keeper), keeper.keep(member)]) {
      await hand
      const kept = (await keeper.get()) as Proxy<Member>
      expect(same(kept, member)).toBe(true)
      expect(kept).not.toBe(member)
      expect(await Promise.all([kept.work(), kept.work()])).toEqual([1, 1])
    }
  },
)
