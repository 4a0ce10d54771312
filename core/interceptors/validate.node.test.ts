import { type } from 'arktype'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { Actor, type ActorError, Dispatcher, type Proxy } from '../index.js'
import { linkedPair } from '../testing/index.js'
import { type ArgumentSchemas, intercept, type StandardSchema, validate } from './index.js'

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
}

let dispatcher: Dispatcher
let account: Proxy<Account>
const undos: (() => void)[] = []
const on = (...args: Parameters<typeof intercept>): void => void undos.push(intercept(...args))
/** The same proxy, to call with any arguments. */
const loose = (proxy: Proxy<Account>) =>
  proxy as unknown as Record<'deposit' | 'double' | 'join', (...args: unknown[]) => Promise<unknown>>

beforeEach(async () => {
  dispatcher = new Dispatcher({ log: () => {} })
  account = await dispatcher.spawn(Account)
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
    expect((await refusal(loose(account).deposit(1, 2))).message).toContain('there are schemas for 1')
    expect((await refusal(account.count(1))).message).toContain('there are schemas for 0')
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
