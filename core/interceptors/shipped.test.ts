import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Actor, type ActorError, Dispatcher, type LogEntry, type Proxy } from '../index.js'
import { linkedPair, virtualClock, type VirtualClock } from '../testing/index.js'
import { type Call, intercept, logging, rateLimit, timing } from './index.js'

class Account extends Actor {
  balance = 0
  deposit(amount: number): number {
    return (this.balance += amount)
  }
  transfer(to: unknown): unknown {
    return [to]
  }
  fail(): never {
    throw new RangeError('no')
  }
  async *ticks(): AsyncGenerator<number> {
    yield 1
    yield 2
  }
}

let clock: VirtualClock
let dispatcher: Dispatcher
let account: Proxy<Account>
let log: LogEntry[] = []
const undos: (() => void)[] = []
const on = (...args: Parameters<typeof intercept>): void => void undos.push(intercept(...args))

beforeEach(async () => {
  clock = virtualClock()
  log = []
  dispatcher = new Dispatcher({ env: clock, log: (entry) => void log.push(entry) })
  account = await dispatcher.spawn(Account, { name: 'account' })
})
afterEach(async () => {
  for (const undo of undos.splice(0)) undo()
  await dispatcher.close()
})

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch(({ code, ran }: ActorError) => [code, ran])

describe('timing', () => {
  test('tells how long a call took, on the clock of the dispatcher, and how it ended', async () => {
    const seen: unknown[] = []
    on(dispatcher, {
      around: async (_call, next) => (await new Promise<void>((go) => void clock.setTimer(go, 20)), next()),
    })
    on(
      Account,
      timing(({ method }, ms, { status }) => seen.push([method, ms, status])),
    )
    on(Account, { before: () => new Promise((go) => void clock.setTimer(() => go(undefined), 30)) })
    const calls = Promise.allSettled([account.deposit(1), account.fail()])
    await clock.advance(200)
    await calls
    expect(seen).toEqual([
      ['deposit', 30, 'fulfilled'],
      ['fail', 30, 'rejected'],
    ])
  })

  test('counts a generator until it has ended', async () => {
    const seen: number[] = []
    on(
      Account,
      timing((_call, ms) => seen.push(ms)),
    )
    for await (const _ of account.ticks()) await clock.advance(10)
    expect(seen).toEqual([20])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('leaves the call alone when its function %s: that is logged', async (_how, report) => {
    on(Account, timing(report))
    expect(await account.deposit(1)).toBe(1)
    await clock.advance(0)
    expect(log).toMatchObject([{ level: 'error', error: { message: 'broken' } }])
  })
})

describe('logging', () => {
  test('writes a line for each call to the log of the dispatcher, without arguments and results', async () => {
    on(Account, logging())
    await account.deposit(1)
    await expect(account.fail()).rejects.toThrow('no')
    expect(log).toEqual([
      { level: 'info', text: '[troupe] /account deposit() succeeded after 0 ms', error: undefined },
      { level: 'warn', text: '[troupe] /account fail() failed after 0 ms', error: new RangeError('no') },
    ])
  })

  test('gives entry and call to a function instead', async () => {
    const seen: unknown[] = []
    on(
      Account,
      logging(({ text }, { args }) => seen.push([text, args])),
    )
    await account.deposit(1)
    expect([seen, log]).toEqual([[['[troupe] /account deposit() succeeded after 0 ms', [1]]], []])
  })
})

describe('rateLimit', () => {
  const overloaded = ['overloaded', 'no']

  test('refuses the calls above the limit until the period is over, on the clock of the dispatcher', async () => {
    on(Account, rateLimit({ calls: 2, per: 1_000 }))
    expect(await account.deposit(1)).toBe(1)
    await clock.advance(999)
    expect(await account.deposit(1)).toBe(2)
    expect(await codeOf(account.deposit(1))).toEqual(overloaded)
    await clock.advance(1)
    expect([await account.deposit(1), await account.deposit(1)]).toEqual([3, 4])
    expect(await codeOf(account.deposit(1))).toEqual(overloaded)
  })

  test('counts by key, and each dispatcher for itself', async () => {
    const limit = rateLimit({ calls: 1, per: 1_000, by: ({ args }) => args[0] })
    on(Account, limit, { method: 'transfer' })
    const other = new Dispatcher({ env: clock })
    const elsewhere = await other.spawn(Account)
    expect(await account.transfer('a')).toEqual(['a'])
    expect(await account.transfer('b')).toEqual(['b'])
    expect(await codeOf(account.transfer('a') as Promise<unknown>)).toEqual(overloaded)
    expect(await elsewhere.transfer('a')).toEqual(['a'])
    await other.close()
  })

  test('keeps so many keys, and forgets the oldest for a further one', async () => {
    on(Account, rateLimit({ calls: 1, per: 1_000, keys: 2, by: ({ args }) => args[0] }))
    const passes = async (key: string): Promise<boolean> =>
      Array.isArray(
        await account.transfer(key).then(
          () => [],
          () => 0,
        ),
      )
    expect([await passes('a'), await passes('b'), await passes('b')]).toEqual([true, true, false])
    expect([await passes('c'), await passes('b'), await passes('a')]).toEqual([true, false, true])
  })

  test('says overloaded at the other end of a link, and that the method did not run', async () => {
    const pair = await linkedPair({ actors: { Account }, dispatcher: { log: () => {} } })
    on(pair.far, rateLimit({ calls: 1, per: 60_000, by: (call) => call.caller?.peer }))
    const far = await pair.peer.spawn('Account')
    expect(await far.deposit(1)).toBe(1)
    expect(await codeOf(far.deposit(1))).toEqual(overloaded)
    await pair.close()
  })

  test('refuses a key that is a promise', async () => {
    on(Account, rateLimit({ calls: 1, per: 1, by: async () => 'a' }))
    expect(await codeOf(account.deposit(1))).toEqual(['malformed', 'no'])
  })

  test.each([
    { calls: 0, per: 1 },
    { calls: 1.5, per: 1 },
    { calls: 1, per: 0 },
    { calls: 1, per: Number.NaN },
    { calls: 1, per: 1, keys: 0 },
    { calls: 1, per: 1, by: 'user' as never },
  ])('throws malformed for %o', (options) => {
    expect(() => rateLimit(options)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
})

test.each([
  ['timing', () => timing('ms' as never)],
  ['logging', () => logging(1 as never)],
  ['rateLimit', () => rateLimit(undefined as never)],
])('%s throws malformed for what it does not take', (_name, work) => {
  expect(work).toThrow(expect.objectContaining({ code: 'malformed' }))
})

test('shipped interceptors are decorators, and compose', async () => {
  const order: string[] = []
  class Guarded extends Actor {
    @logging(({ text }) => order.push(text))
    @rateLimit({ calls: 1, per: 1_000 })
    @timing(({ method }: Call) => order.push(`timing ${method}`))
    run(): string {
      order.push('run')
      return 'ran'
    }
  }
  const guarded = await dispatcher.spawn(Guarded, { name: 'guarded' })
  expect(await guarded.run()).toBe('ran')
  expect(await codeOf(guarded.run())).toEqual(['overloaded', 'no'])
  expect(order).toEqual([
    'run',
    'timing run',
    '[troupe] /guarded run() succeeded after 0 ms',
    '[troupe] /guarded run() failed after 0 ms',
  ])
})
