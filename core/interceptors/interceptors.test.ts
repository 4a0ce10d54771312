import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Actor, actor, ActorError, ask, Dispatcher, info, kill, type Proxy, read, tell, write } from '../index.js'
import { linkedPair } from '../testing/index.js'
import {
  after,
  around,
  before,
  type Call,
  type CallOutcome,
  intercept,
  interceptor,
  type Interceptor,
  tag,
} from './index.js'

/** What happened, in order. */
let log: string[] = []
const note = (text: string): void => void log.push(text)

/** Notes when a call comes and how it ends. */
const noting = (name: string): Interceptor => ({
  before: () => note(`${name} before`),
  after: (_call, { status }) => note(`${name} ${status}`),
})

class Account extends Actor {
  static readonly exposed: readonly string[] = ['deposit', 'fail', 'later', 'count', 'countSlowly', 'again', 'balance']
  balance = 0
  deposit(amount: number): number {
    note('deposit')
    return (this.balance += amount)
  }
  fail(): never {
    throw new RangeError('no')
  }
  async later(value: unknown): Promise<unknown> {
    await Promise.resolve()
    note('later')
    return value
  }
  *count(to: number): Generator<number, string> {
    for (let n = 1; n <= to; n++) yield n
    return 'counted'
  }
  async *countSlowly(): AsyncGenerator<number> {
    const { signal } = this.context
    yield 1
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  }
  again(proxy: Proxy<Account>): unknown {
    return proxy.deposit(1)
  }
}

let dispatcher: Dispatcher
const undos: (() => void)[] = []
/** `intercept`, until the test has ended. */
const on = (...args: Parameters<typeof intercept>): void => void undos.push(intercept(...args))

beforeEach(() => {
  log = []
  dispatcher = new Dispatcher({ log: ({ text }) => note(text) })
})
afterEach(async () => {
  for (const undo of undos.splice(0)) undo()
  await dispatcher.close()
})

const codeOf = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).catch((error: ActorError) => (error instanceof ActorError ? [error.code, error.ran] : error))

describe('the order', () => {
  test('is: dispatcher, base class, class, decorators of the base class, decorators from the top', async () => {
    const named = (name: string) => interceptor(noting(name))
    class Base extends Actor {
      @named('base method')
      run(): void {
        note('base run')
      }
    }
    @named('class first')
    @named('class second')
    class Derived extends Base {
      @named('method first')
      @named('method second')
      override run(): void {
        note('run')
      }
    }
    on(Derived, noting('class third'))
    on(Base, noting('base'))
    on(dispatcher, noting('dispatcher first'))
    on(dispatcher, noting('dispatcher second'))
    const derived = await dispatcher.spawn(Derived)
    await derived.run()
    const order = [
      'dispatcher first',
      'dispatcher second',
      'base',
      'class first',
      'class second',
      'class third',
      'base method',
      'method first',
      'method second',
    ]
    expect(log).toEqual([
      ...order.map((name) => `${name} before`),
      'run',
      ...order.toReversed().map((name) => `${name} fulfilled`),
    ])
  })

  test('within one interceptor is: before, around, method, after', async () => {
    on(Account, {
      before: () => note('before'),
      around: async (_call, next) => {
        note('around')
        const value = await next()
        note('around ends')
        return (value as number) * 10
      },
      after: (_call, outcome) => note(`after ${JSON.stringify(outcome)}`),
    })
    const account = await dispatcher.spawn(Account)
    expect(await account.deposit(2)).toBe(20)
    expect(log).toEqual(['before', 'around', 'deposit', 'around ends', 'after {"status":"fulfilled","value":20}'])
  })

  test('of messages stays: the next one waits for hooks that are async', async () => {
    on(Account, { before: () => new Promise((resolve) => setTimeout(resolve, 5)) }, { method: 'later' })
    const account = await dispatcher.spawn(Account)
    await Promise.all([account.later(1), account.deposit(1)])
    expect(log).toEqual(['later', 'deposit'])
  })
})

describe('hooks that return no promise', () => {
  test('leave the method where it was: it runs in the turn of its message', async () => {
    class Turns extends Actor {
      run(n: number): void {
        note(`run ${n}`)
        queueMicrotask(() => note(`later ${n}`))
      }
    }
    on(Turns, { before: () => undefined, around: (_call, next) => next(), after: () => undefined })
    const turns = await dispatcher.spawn(Turns)
    await Promise.all([turns.run(1), turns.run(2)])
    expect(log).toEqual(['run 1', 'run 2', 'later 1', 'later 2'])
  })
})

describe('a before-hook', () => {
  test.each([0, '', null, false, Number.NaN, 0n, 'text'])(
    'that returns %o is the result, and the method does not run',
    async (value) => {
      on(Account, { before: () => value }, { method: 'deposit' })
      on(Account, { before: async () => value }, { method: 'later' })
      on(dispatcher, {
        after: (_call, outcome) => note(`${outcome.status} ${String((outcome as { value: unknown }).value)}`),
      })
      const account = await dispatcher.spawn(Account)
      expect(await account.deposit(1)).toBe(value)
      expect(await account.later(1)).toBe(value)
      expect(log).toEqual([`fulfilled ${String(value)}`, `fulfilled ${String(value)}`])
    },
  )

  test('that returns undefined, or a promise of it, lets the call go on with the arguments that it leaves', async () => {
    on(Account, { before: (call) => void (call.args[0] = 5) })
    on(Account, { before: async (call) => void (call.args = [(call.args[0] as number) + 1]) })
    const account = await dispatcher.spawn(Account)
    expect(await account.deposit(1)).toBe(6)
  })

  test('that throws refuses the call: the method did not run, and the actor has not failed', async () => {
    on(
      Account,
      {
        before: () => {
          throw new ActorError('unauthorized', 'not you')
        },
      },
      { method: 'deposit' },
    )
    on(
      Account,
      {
        before: async () => {
          throw new TypeError('wrong')
        },
      },
      { method: 'later' },
    )
    const account = await dispatcher.spawn(Account, { restart: 'transient' })
    expect(await codeOf(account.deposit(1))).toEqual(['unauthorized', 'no'])
    expect(await codeOf(account.later(1))).toEqual(new TypeError('wrong'))
    const { restarts, handled } = await info(account)
    expect({ restarts, handled, log }).toEqual({ restarts: 0, handled: 0, log: [] })
  })

  test('decides what onSettled sees: a result in place of the method, and nothing of a call that was refused', async () => {
    const settled: unknown[] = []
    class Observed extends Account {
      override onSettled(...args: unknown[]): void {
        settled.push(args[1])
      }
    }
    on(Observed, {
      before: ({ args }) => {
        if (args[0] === 0) throw new Error('no')
        return null
      },
    })
    const observed = await dispatcher.spawn(Observed)
    await codeOf(observed.deposit(0))
    expect(await observed.deposit(1)).toBe(null)
    expect(settled).toEqual([{ ok: true, value: null }])
  })

  test('that waits until its caller gave up keeps the method from running', async () => {
    let go = (): void => {}
    const waits = new Promise<void>((resolve) => (go = resolve))
    on(Account, { before: () => waits })
    const ended = new Promise<CallOutcome>((resolve) => on(dispatcher, { after: (_call, outcome) => resolve(outcome) }))
    const account = await dispatcher.spawn(Account)
    const controller = new AbortController()
    const call = ask(account, { signal: controller.signal }).deposit(1)
    await Promise.resolve()
    controller.abort()
    expect(await codeOf(call)).toEqual(['aborted', 'maybe'])
    go()
    expect(await ended).toMatchObject({ status: 'rejected', reason: { code: 'aborted' } })
    expect(log).toEqual([])
  })
})

describe('an after-hook', () => {
  test('sees what the method threw, once, and the caller gets that', async () => {
    const outcomes: CallOutcome[] = []
    on(Account, { after: (_call, outcome) => void outcomes.push(outcome) })
    const account = await dispatcher.spawn(Account)
    await expect(account.fail()).rejects.toThrow(new RangeError('no'))
    expect(outcomes).toEqual([{ status: 'rejected', reason: new RangeError('no') }])
  })

  test('is awaited, and does not change the result by what it returns', async () => {
    on(Account, {
      after: async () => {
        await Promise.resolve()
        note('after')
        return 'something else'
      },
    })
    const account = await dispatcher.spawn(Account)
    expect(await account.deposit(3)).toBe(3)
    expect(log).toEqual(['deposit', 'after'])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('from after')
      },
    ],
    ['rejects', () => Promise.reject(new Error('from after'))],
  ])('that %s fails the call', async (_how, hook) => {
    on(Account, { after: hook })
    const account = await dispatcher.spawn(Account)
    await expect(account.deposit(1)).rejects.toThrow('from after')
    await expect(account.fail()).rejects.toThrow('from after')
    expect(await read(account, 'balance')).toBe(1)
  })
})

describe('an around-hook', () => {
  test('that does not call next keeps the method from running', async () => {
    on(
      Account,
      around(() => 'instead'),
    )
    const account = await dispatcher.spawn(Account)
    expect(await account.deposit(1)).toBe('instead')
    expect(log).toEqual([])
  })

  test('may call next once: a second time, or too late, throws malformed', async () => {
    let kept = (): unknown => undefined
    on(
      Account,
      {
        around: (_call, next) => {
          kept = next
          return [next(), next()]
        },
      },
      { method: 'deposit' },
    )
    on(Account, { around: (_call, next) => void (kept = next) }, { method: 'later' })
    const account = await dispatcher.spawn(Account)
    expect(await codeOf(account.deposit(1))).toEqual(['malformed', 'maybe'])
    await account.later(1)
    expect(() => kept()).toThrow(expect.objectContaining({ code: 'malformed' }))
    expect(log).toEqual(['deposit'])
  })

  test('that does not wait for the method keeps the actor busy until that has ended', async () => {
    on(
      Account,
      {
        around: (_call, next) => {
          void next()
          return 'early'
        },
      },
      { method: 'later' },
    )
    const account = await dispatcher.spawn(Account)
    const [early] = await Promise.all([account.later(1), account.deposit(1)])
    expect(early).toBe('early')
    expect(log).toEqual(['later', 'deposit'])
  })

  test('may turn a failure into a result', async () => {
    on(Account, {
      around: async (_call, next) => {
        try {
          return await next()
        } catch (error) {
          return (error as Error).message
        }
      },
    })
    const account = await dispatcher.spawn(Account)
    expect(await account.fail()).toBe('no')
  })
})

describe('a call', () => {
  test('shows actor, method, arguments, sender, deadline and address', async () => {
    const calls: Call<Account>[] = []
    on(Account, { before: (call) => void calls.push(call as Call<Account>) }, { method: 'deposit' })
    class Teller extends Actor {
      async pay(account: Proxy<Account>): Promise<number> {
        return this.context.ask(account, { timeout: 5_000 }).deposit(2)
      }
    }
    const account = await dispatcher.spawn(Account, { name: 'account' })
    const teller = await dispatcher.spawn(Teller, { name: 'teller' })
    await teller.pay(account)
    const [call] = calls
    expect(call).toMatchObject({ method: 'deposit', args: [2], caller: undefined, address: { path: '/account' } })
    expect(call!.actor).toBeInstanceOf(Account)
    expect(String(call!.sender)).toBe('Proxy(Teller /teller)')
    expect(call!.deadline).toBeGreaterThan(0)
    expect(call!.deadline).toBeLessThanOrEqual(5_000)
    expect(call!.signal.aborted).toBe(false)
  })

  test('that a hook makes waits for the actor as the handler would: cycle', async () => {
    const account = await dispatcher.spawn(Account)
    on(Account, { before: () => account.deposit(1) }, { method: 'later' })
    expect(await codeOf(account.later(1))).toEqual(['cycle', 'no'])
  })

  test('that the method makes after a hook waited is still part of its chain', async () => {
    on(Account, { before: () => Promise.resolve() }, { method: 'again' })
    const account = await dispatcher.spawn(Account)
    expect(await codeOf(account.again(account))).toEqual(['cycle', 'maybe'])
  })

  test('of an actor to itself is intercepted as well where the class is reentrant', async () => {
    class Reentrant extends Account {
      static readonly reentrant = true
    }
    on(Account, noting('x'))
    const account = await dispatcher.spawn(Reentrant)
    expect(await account.again(account)).toBe(1)
    expect(log).toEqual(['x before', 'x before', 'deposit', 'x fulfilled', 'x fulfilled'])
  })

  test('of a method by the actor itself is no message, and is not intercepted', async () => {
    class Direct extends Account {
      static override readonly exposed = ['twice']
      twice(): number {
        return this.deposit(1) + this.deposit(1)
      }
    }
    on(Account, noting('x'))
    const account = await dispatcher.spawn(Direct)
    expect(await account.twice()).toBe(3)
    expect(log).toEqual(['x before', 'deposit', 'deposit', 'x fulfilled'])
  })

  test('reads and writes of properties are not intercepted', async () => {
    on(Account, noting('x'))
    const account = await dispatcher.spawn(Account)
    await write(account, 'balance', 7)
    expect(await read(account, 'balance')).toBe(7)
    expect(log).toEqual([])
  })
})

describe('one-way messages', () => {
  test('are intercepted; what fails goes to the log', async () => {
    on(Account, noting('x'))
    const account = await dispatcher.spawn(Account, { name: 'a' })
    tell(account).deposit(1)
    tell(account).fail()
    await read(account, 'balance')
    expect(log).toEqual([
      'x before',
      'deposit',
      'x fulfilled',
      'x before',
      'x rejected',
      '[troupe] tell(/a).fail() failed, and no caller awaits it',
    ])
  })

  test('that a before-hook refuses are dead letters', async () => {
    on(Account, {
      before: () => {
        throw new Error('no')
      },
    })
    const account = await dispatcher.spawn(Account, { name: 'a' })
    tell(account).deposit(1)
    await read(account, 'balance')
    expect(log).toEqual(['[troupe] dead letter: deposit() to /a'])
  })
})

describe('instances', () => {
  test('that handle calls at the same time each keep their this', async () => {
    class Named extends Actor {
      static readonly concurrency = 4
      readonly #name: string
      constructor(name: string) {
        super()
        this.#name = name
      }
      async name(): Promise<string> {
        const { context } = this
        await Promise.resolve()
        return `${this.#name} ${context.self === this.context.self}`
      }
    }
    const seen: unknown[] = []
    on(Named, {
      before: () => Promise.resolve(),
      around: async (call, next) => {
        const { actor } = call
        const value = await next()
        seen.push(call.actor === actor)
        return value
      },
    })
    const names = Array.from({ length: 10 }, (_, n) => `n${n}`)
    const actors = await Promise.all(names.map((name) => dispatcher.spawn(Named, { args: [name] })))
    const got = await Promise.all(actors.flatMap((each) => [each.name(), each.name(), each.name()]))
    expect(got).toEqual(names.flatMap((name) => Array<string>(3).fill(`${name} true`)))
    expect(seen).toEqual(Array<boolean>(30).fill(true))
  })

  test('hooks that are methods of an object keep their this, too', async () => {
    class Counting implements Interceptor {
      calls = 0
      before(): void {
        this.calls++
      }
    }
    const counting = new Counting()
    class Counted extends Actor {
      @interceptor(counting)
      run(): void {}
    }
    on(Account, counting)
    await (await dispatcher.spawn(Account)).deposit(1)
    await (await dispatcher.spawn(Counted)).run()
    expect(counting.calls).toBe(2)
  })

  test('that a restart makes are intercepted; the call of the one that is gone does not run', async () => {
    let go = (): void => {}
    const waits = new Promise<void>((resolve) => (go = resolve))
    on(Account, { before: () => waits })
    const actors = new Set<object>()
    on(Account, { before: ({ actor }) => void actors.add(actor) })
    const account = await dispatcher.spawn(Account, { restart: 'transient' })
    const call = account.deposit(1)
    await Promise.resolve()
    await kill(account)
    expect(await codeOf(call)).toEqual(['stopped', 'maybe'])
    go()
    expect(await account.deposit(1)).toBe(1)
    expect({ log, size: actors.size }).toEqual({ log: ['deposit'], size: 2 })
  })

  test('a message that is tried again is intercepted each time, with the arguments that it came with', async () => {
    on(Account, { before: (call) => note(`args ${call.args.push('more')}`) })
    const account = await dispatcher.spawn(Account, { retries: 1 })
    await expect(account.fail()).rejects.toThrow('no')
    expect(log.slice(0, 2)).toEqual(['args 1', 'args 1'])
  })
})

describe('what ran', () => {
  test('never says that it did not, also if a hook refuses it when it is tried again', async () => {
    let isOpen = true
    on(Account, {
      before: () => {
        if (!isOpen) throw new ActorError('unauthorized', 'closed')
        isOpen = false
      },
    })
    const account = await dispatcher.spawn(Account, { retries: 1 })
    expect(await codeOf(account.fail())).toEqual(['unauthorized', 'maybe'])
  })
})

describe('tags', () => {
  class Audited extends Actor {
    @tag('audited', 'money')
    pay(): string {
      return 'paid'
    }
    @tag('audited')
    look(): string {
      return 'looked'
    }
    other(): string {
      return 'other'
    }
  }

  test('select methods, and calls show them', async () => {
    const seen: unknown[] = []
    on(Audited, { before: ({ method, tags }) => void seen.push([method, ...tags]) }, { tag: 'audited' })
    on(dispatcher, { before: ({ method }) => void seen.push(`money ${method}`) }, { tag: ['money', 'unknown'] })
    const audited = await dispatcher.spawn(Audited)
    expect([await audited.pay(), await audited.look(), await audited.other()]).toEqual(['paid', 'looked', 'other'])
    expect(seen).toEqual(['money pay', ['pay', 'audited', 'money'], ['look', 'audited']])
  })

  test('are kept by a method that overrides, and by a decorated class for all its methods', async () => {
    @tag('all')
    class Overriding extends Audited {
      override pay(): string {
        return `over ${super.pay()}`
      }
    }
    const seen: unknown[] = []
    on(dispatcher, { before: ({ method, tags }) => void seen.push([method, ...tags]) })
    const overriding = await dispatcher.spawn(Overriding)
    expect([await overriding.pay(), await overriding.other()]).toEqual(['over paid', 'other'])
    expect(seen).toEqual([
      ['pay', 'all', 'audited', 'money'],
      ['other', 'all'],
    ])
  })

  test('can be given without decorators', async () => {
    on(Account, tag('audited'), { method: ['deposit', 'fail'] })
    on(Account, noting('x'), { tag: 'audited' })
    const account = await dispatcher.spawn(Account)
    await account.deposit(1)
    await account.later(1)
    expect(log).toEqual(['x before', 'deposit', 'x fulfilled', 'later'])
  })
})

describe('streams', () => {
  const ends: CallOutcome[] = []
  beforeEach(() => {
    ends.length = 0
    on(Account, { before: ({ method }) => note(`begins ${method}`), after: (_call, end) => void ends.push(end) })
  })

  test('are intercepted when they are called, and have their outcome when they end', async () => {
    const account = await dispatcher.spawn(Account)
    const steps = account.count(2)[Symbol.asyncIterator]()
    expect(await steps.next()).toEqual({ done: false, value: 1 })
    expect(await steps.next()).toEqual({ done: false, value: 2 })
    expect([log, ends]).toEqual([['begins count'], []])
    expect(await steps.next()).toEqual({ done: true, value: 'counted' })
    expect(await steps.next()).toEqual({ done: true, value: undefined })
    expect(ends).toEqual([{ status: 'fulfilled', value: 'counted' }])
  })

  test('that their reader leaves have ended', async () => {
    const account = await dispatcher.spawn(Account)
    for await (const n of account.count(5)) if (n === 2) break
    expect(ends).toEqual([{ status: 'fulfilled', value: undefined }])
  })

  test('that are aborted have failed, with the reason', async () => {
    const account = await dispatcher.spawn(Account)
    const controller = new AbortController()
    const reading = (async () => {
      for await (const n of ask(account, { signal: controller.signal }).countSlowly())
        if (n === 1) queueMicrotask(() => controller.abort())
    })()
    expect(await codeOf(reading)).toEqual(['aborted', 'maybe'])
    await expect.poll(() => ends).toMatchObject([{ status: 'rejected', reason: { code: 'aborted', ran: 'maybe' } }])
  })

  test('fail by what an after-hook throws', async () => {
    on(dispatcher, { after: () => Promise.reject(new Error('from after')) })
    const account = await dispatcher.spawn(Account)
    const got: number[] = []
    const reading = (async () => {
      for await (const n of account.count(2)) got.push(n)
    })()
    await expect(reading).rejects.toThrow('from after')
    expect(got).toEqual([1, 2])
  })

  test('reach around-hooks as they are', async () => {
    on(Account, {
      async *around(_call, next) {
        for await (const n of next() as AsyncIterable<number>) yield n * 10
      },
    })
    const account = await dispatcher.spawn(Account)
    const got: number[] = []
    for await (const n of account.count(2)) got.push(n)
    expect(got).toEqual([10, 20])
  })
})

describe('over a link', () => {
  test('calls, streams and refusals are those of the actor’s realm', async () => {
    const pair = await linkedPair({ actors: { Account }, dispatcher: { log: () => {} } })
    const callers = new Set<string | undefined>()
    on(pair.far, { before: ({ caller }) => void callers.add(caller?.peer) })
    on(pair.far, {
      before: ({ args }) => {
        if (args[0] === -1) throw new ActorError('unauthorized', 'no')
      },
    })
    const ends: CallOutcome[] = []
    on(pair.far, { after: (_call, end) => void ends.push(end) })
    const account = await pair.peer.spawn('Account')
    expect(await account.deposit(2)).toBe(2)
    expect(await codeOf(account.deposit(-1))).toEqual(['unauthorized', 'no'])
    for await (const n of account.count(5)) if (n === 2) break
    await expect.poll(() => ends).toHaveLength(2)
    expect(ends.at(-1)).toEqual({ status: 'fulfilled', value: undefined })
    expect([...callers]).toEqual([pair.near.id])
    await pair.close()
  })
})

describe('intercept', () => {
  test('applies at once to actors that are there, and so does its undo', async () => {
    const account = await dispatcher.spawn(Account)
    await account.deposit(1)
    const ofClass = intercept(Account, noting('class'))
    const ofDispatcher = intercept(dispatcher, noting('dispatcher'))
    await account.deposit(1)
    ofClass()
    ofClass()
    await account.deposit(1)
    ofDispatcher()
    await account.deposit(1)
    expect(log).toEqual([
      'deposit',
      'dispatcher before',
      'class before',
      'deposit',
      'class fulfilled',
      'dispatcher fulfilled',
      'dispatcher before',
      'deposit',
      'dispatcher fulfilled',
      'deposit',
    ])
  })

  test('applies to actors of its dispatcher only, and to classes that extend the class', async () => {
    class Savings extends Account {}
    class Plain {
      run(): string {
        return 'ran'
      }
    }
    const other = new Dispatcher()
    on(dispatcher, noting('dispatcher'))
    on(Account, noting('account'))
    on(Plain, noting('plain'))
    await (await other.spawn(Savings)).deposit(1)
    expect(log).toEqual(['account before', 'deposit', 'account fulfilled'])
    log = []
    expect(await (await dispatcher.spawn(actor(Plain))).run()).toBe('ran')
    expect(log).toEqual(['dispatcher before', 'plain before', 'plain fulfilled', 'dispatcher fulfilled'])
    await other.close()
  })

  test('changes neither the class nor the instance', async () => {
    const prototype = Object.getOwnPropertyDescriptors(Account.prototype)
    const statics = Object.getOwnPropertyDescriptors(Account)
    class Self extends Actor {
      is(instances: Set<unknown>): boolean {
        return instances.has(this)
      }
    }
    on(Account, noting('x'))
    on(Self, { before: (call) => void (call.args = [new Set([call.actor])]) })
    expect(await (await dispatcher.spawn(Self)).is(new Set())).toBe(true)
    expect(Object.getOwnPropertyDescriptors(Account.prototype)).toEqual(prototype)
    expect(Object.getOwnPropertyDescriptors(Account)).toEqual(statics)
  })

  test.each([
    ['no class', () => intercept({} as never, noting('x'))],
    ['an arrow function', () => intercept((() => {}) as never, noting('x'))],
    ['no interceptor', () => intercept(Account, undefined as never)],
    ['an interceptor without hooks', () => intercept(Account, {})],
    ['a hook that is no function', () => intercept(Account, { before: 1 } as never)],
    ['a method that is not there', () => intercept(Account, noting('x'), { method: 'withdraw' })],
    ['a method that no message can call', () => intercept(Account, noting('x'), { method: 'onStart' })],
    ['a tag that is none', () => intercept(Account, noting('x'), { tag: 1 as never })],
    ['tags that are selected by a tag', () => intercept(Account, tag('a'), { tag: 'b' })],
    ['a tag without a text', () => tag()],
    ['before without a function', () => before(undefined as never)],
  ])('throws malformed for %s', (_what, work) => {
    expect(work).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
})

describe('decorators', () => {
  const plain = after(() => {})
  test.each([
    [
      'a static method',
      () =>
        class {
          @plain static run() {}
        },
    ],
    [
      'a private method',
      () =>
        class {
          @plain #run() {}
          run = () => this.#run()
        },
    ],
    [
      'a hook',
      () =>
        class {
          @plain onStart() {}
        },
    ],
    [
      'a name that no message can call',
      () =>
        class {
          @plain _run() {}
        },
    ],
    [
      'a field',
      () =>
        class {
          @(plain as unknown as (...args: unknown[]) => void) run = () => {}
        },
    ],
    ['legacy decorators', () => (plain as unknown as (...args: unknown[]) => void)({}, 'run', {})],
  ])('throw malformed for %s', (_what, work) => {
    expect(work).toThrow(expect.objectContaining({ code: 'malformed' }))
  })

  test('throw malformed where a decorator above has replaced the method', async () => {
    const wrapped = (method: () => void) => () => method()
    class Below extends Actor {
      @plain
      @wrapped
      run(): void {}
    }
    class Above extends Actor {
      @wrapped
      @plain
      run(): void {}
    }
    await (await dispatcher.spawn(Below)).run()
    await expect(dispatcher.spawn(Above)).rejects.toMatchObject({ code: 'start-failed', cause: { code: 'malformed' } })
  })
})

describe('what a hook returns and only looks like a promise', () => {
  /** Its `then` returns nothing, and calls back twice. */
  const later = (value: unknown, error?: Error): unknown => ({
    then(resolve: (value: unknown) => void, reject?: (error: Error) => void) {
      setTimeout(() => {
        for (const _ of [1, 2])
          if (error) reject?.(error)
          else resolve(value)
      }, 1)
    },
  })

  test('is awaited, and the method runs once', async () => {
    for (const hooks of [{ before: () => later(undefined) }, { after: () => later(undefined) }] as Interceptor[]) {
      log = []
      const undo = intercept(Account, hooks)
      const account = await dispatcher.spawn(Account)
      expect(await account.deposit(2)).toBe(2)
      expect(log).toEqual(['deposit'])
      undo()
    }
  })

  test('refuses the call if it rejects', async () => {
    on(Account, { before: () => later(undefined, new Error('denied')) })
    const account = await dispatcher.spawn(Account)
    await expect(account.deposit(2)).rejects.toThrow('denied')
    expect(log).toEqual([])
  })
})

test('a hook that sets args to what is no array refuses the call', async () => {
  on(Account, { before: (call) => void (call.args = 'x' as never) })
  const account = await dispatcher.spawn(Account, { restart: 'transient' })
  expect(await codeOf(account.deposit(1))).toEqual(['malformed', 'no'])
  expect(await info(account)).toMatchObject({ restarts: 0 })
})
