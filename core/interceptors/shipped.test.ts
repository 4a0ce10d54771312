import { type } from 'arktype'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { Actor, type ActorError, Dispatcher, type LogEntry, type Proxy } from '../index.js'
import { linkedPair, virtualClock, type VirtualClock } from '../testing/index.js'
import {
  type ArgumentSchemas,
  type Call,
  intercept,
  logging,
  rateLimit,
  type StandardSchema,
  timing,
  validate,
} from './index.js'

class Account extends Actor {
  balance = 0
  deposit(amount: number): number {
    return (this.balance += amount)
  }
  transfer(to: unknown, amount?: number): unknown {
    return [to, amount]
  }
  count(...args: unknown[]): number {
    return args.length
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
/** A method whose arguments are of no matter to its type. */
const loose = (proxy: Proxy<Account>) =>
  proxy as unknown as Record<'deposit' | 'double' | 'join', (...args: unknown[]) => Promise<unknown>>

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

const refusal = (promise: Promise<unknown>): Promise<ActorError> =>
  promise.then(
    () => ({}),
    (error: unknown) => error,
  ) as Promise<ActorError>
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
    undos.unshift(
      intercept(Account, { before: () => new Promise((go) => void clock.setTimer(() => go(undefined), 30)) }),
    )
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
    expect(await account.transfer('a')).toEqual(['a', undefined])
    expect(await account.transfer('b')).toEqual(['b', undefined])
    expect(await codeOf(account.transfer('a') as Promise<unknown>)).toEqual(overloaded)
    expect(await elsewhere.transfer('a')).toEqual(['a', undefined])
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

/** The same schemas of each library. */
const libraries: Record<string, { amount: StandardSchema; to: StandardSchema; slow: StandardSchema }> = {
  zod: {
    amount: z.number().positive(),
    to: z.object({ iban: z.string().min(3), note: z.string().default('none') }),
    slow: z.number().refine(async (n) => n < 10, 'too much'),
  },
  valibot: {
    amount: v.pipe(v.number(), v.minValue(1)),
    to: v.object({ iban: v.pipe(v.string(), v.minLength(3)), note: v.optional(v.string(), 'none') }),
    slow: v.pipeAsync(
      v.number(),
      v.checkAsync(async (n) => n < 10, 'too much'),
    ),
  },
  arktype: {
    amount: type('number > 0'),
    to: type({ iban: 'string > 2', note: 'string = "none"' }),
    // Its schemas are never asynchronous.
    slow: z.number().refine(async (n) => n < 10, 'too much'),
  },
}

describe.each(Object.entries(libraries))('validate with %s', (_library, { amount, to, slow }) => {
  test('lets arguments pass that are right, as the schema puts them out', async () => {
    on(Account, validate({ deposit: amount, transfer: [to, amount] }))
    expect(await account.deposit(5)).toBe(5)
    expect(await account.transfer({ iban: 'DE1' }, 2)).toEqual([{ iban: 'DE1', note: 'none' }, 2])
  })

  test('refuses wrong ones with malformed, which names method, argument, path and issue', async () => {
    on(Account, validate({ deposit: amount, transfer: [to, amount] }))
    const first = await refusal(loose(account).deposit('5'))
    expect(first).toMatchObject({ code: 'malformed', ran: 'no' })
    expect(first.message).toMatch(/deposit\(\): argument 1: .*number/)
    const second = await refusal(account.transfer({ iban: '1' }, -1) as Promise<unknown>)
    expect(second.message).toMatch(/transfer\(\): argument 1: iban: .+; argument 2: ./)
    expect(second.cause).toMatchObject([
      { argument: 0, path: ['iban'], message: expect.any(String) },
      { argument: 1, path: [], message: expect.any(String) },
    ])
    expect(await account.deposit(1)).toBe(1)
  })

  test('waits for a schema that is asynchronous', async () => {
    on(Account, validate({ deposit: slow, transfer: [to, slow] }))
    expect(await account.deposit(5)).toBe(5)
    expect((await refusal(account.deposit(50))).message).toContain('deposit(): argument 1: too much')
    expect(await codeOf(account.transfer({}, 1) as Promise<unknown>)).toEqual(['malformed', 'no'])
  })

  test('refuses arguments that are left out, and those that no schema is for', async () => {
    on(Account, validate({ deposit: amount, count: [] }))
    expect((await refusal(loose(account).deposit())).message).toContain('deposit(): argument 1: ')
    expect((await refusal(loose(account).deposit(1, 2))).message).toContain('deposit() takes 1')
    expect((await refusal(account.count(1))).message).toContain('count() takes 0')
    expect(await account.count()).toBe(0)
  })

  test('says the same at the other end of a link that is not trusted', async () => {
    const pair = await linkedPair({ actors: { Account }, trusted: false, dispatcher: { log: () => {} } })
    on(pair.far, validate({ transfer: [to, amount] }, { others: 'refuse' }))
    const far = await pair.peer.spawn('Account')
    expect(await far.transfer({ iban: 'DE1' }, 2)).toEqual([{ iban: 'DE1', note: 'none' }, 2])
    const error = await refusal(far.transfer({ iban: 1 }, 2) as Promise<unknown>)
    expect(error).toMatchObject({ code: 'malformed', ran: 'no', cause: [{ argument: 0, path: ['iban'] }] })
    expect(await codeOf(far.deposit(1))).toEqual(['not-exposed', 'no'])
    await pair.close()
  })
})

describe('validate', () => {
  test('refuses methods without a schema where others is refuse, and calls them elsewhere', async () => {
    on(Account, validate({ deposit: z.number() }))
    expect(await account.count(1, 2)).toBe(2)
    on(Account, validate({ deposit: z.number() }, { others: 'refuse' }))
    expect(await codeOf(account.count(1, 2))).toEqual(['not-exposed', 'no'])
    expect(await account.deposit(1)).toBe(1)
  })

  test('decorates one method, with the schemas alone', async () => {
    class Decorated extends Actor {
      @validate(z.coerce.number())
      double(n: number): number {
        return n * 2
      }
      @validate([z.string(), z.string().optional()])
      join(a: string, b?: string): string {
        return `${a} ${b} ${arguments.length}`
      }
    }
    const decorated = (await dispatcher.spawn(Decorated)) as unknown as ReturnType<typeof loose>
    expect(await decorated.double('21')).toBe(42)
    expect(await decorated.join('a')).toBe('a undefined 1')
    expect(await codeOf(decorated.join('a', 1))).toEqual(['malformed', 'no'])
  })

  test('puts in what a schema gives for an argument that was left out', async () => {
    on(Account, validate({ transfer: [z.any(), z.number().default(7)] }))
    expect(await account.transfer('a')).toEqual(['a', 7])
  })

  test('keeps the text and the cause of a refusal short, whatever the peer sends', async () => {
    on(Account, validate({ transfer: [z.record(z.string(), z.number())] }))
    const hostile = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => ['x'.repeat(1_000) + n, 'no']))
    const { message, cause } = await refusal(account.transfer(hostile) as Promise<unknown>)
    expect(message.length).toBeLessThan(2_000)
    expect(JSON.stringify(cause).length).toBeLessThan(20_000)
  })

  test('throws malformed for a method that the class does not have', () => {
    const misspelt = validate({ deposti: z.number() })
    expect(() => intercept(Account, misspelt)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })

  test.each([
    ['no schema', () => validate({ deposit: {} as never })],
    ['a list with something else', () => validate([z.string(), 'text'] as never)],
    ['nothing', () => validate(undefined as never)],
    ['an option that is none', () => validate({}, { others: 'drop' as never })],
    [
      'a schema of another version',
      () => validate({ '~standard': { version: 2, validate: () => ({ value: 1 }) } } as unknown as ArgumentSchemas),
    ],
  ])('throws malformed for %s', (_what, work) => {
    expect(work).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
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
