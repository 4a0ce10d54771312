import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  Actor,
  type ActorError,
  ask,
  type Connector,
  Dispatcher,
  ended,
  isAlive,
  linkFates,
  read,
  stop,
  tell,
} from '../index.js'
import { single } from '../serving/listening.js'
import { virtualClock } from '../testing/index.js'
import { pair } from '../transport/pair.js'
import { adaptive } from '../wire/adaptive.js'
import { hash, leastBusy, pool, type Pool, type PoolOptions, random, roundRobin } from './index.js'

/** Calls that run until they are told to end, by what they were called with. */
const running = new Map<string, () => void>()
/** What ran, in order. */
let log: string[] = []

class Work extends Actor {
  static readonly exposed = ['run', 'add', 'fail', 'where', 'at', 'count', 'twice', 'total']
  total = 0
  async run(name: string): Promise<string> {
    log.push(name)
    const { signal } = this.context
    await new Promise<void>((resolve) => {
      running.set(name, resolve)
      signal.addEventListener('abort', () => log.push(`${name} aborted`))
    })
    running.delete(name)
    return name
  }
  add(a: number, b: number): number {
    this.total++
    return a + b
  }
  fail(): never {
    throw new TypeError('wrong')
  }
  where(): string {
    return this.context.dispatcher.id
  }
  at(_key: string): string {
    return this.context.dispatcher.id
  }
  async *count(to: number): AsyncGenerator<number> {
    for (let n = 1; n <= to; n++) yield n
  }
  async twice(n: number, told: (n: number) => unknown): Promise<number> {
    await told(n)
    return n * 2
  }
}

const actors = { Work }
const functions = { double: (n: number): number => n * 2 }

interface Workers {
  /** Links that were opened, by number. */
  readonly links: { close(): void }[]
  readonly connect: () => Connector
}

/** Workers in this realm, each a dispatcher of its own. */
function workers(): Workers {
  const links: { close(): void }[] = []
  const connect = (): Connector => {
    const [near, far] = pair({ codec: adaptive })
    void new Dispatcher({ id: `w${links.length + 1}`, log: () => {} }).listen(single(far), { actors, functions })
    links.push(far)
    return near
  }
  return { links, connect }
}

let dispatcher: Dispatcher
const pools: Pool[] = []
function open(options: Partial<PoolOptions> = {}, env = {}): Pool<typeof actors> & Workers {
  dispatcher = new Dispatcher({ log: () => {}, ...env })
  const made = workers()
  const opened = pool<typeof actors>(dispatcher, { connect: made.connect, size: 2, ...options })
  pools.push(opened as Pool)
  return Object.assign(opened, made)
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch(({ code, ran }: ActorError) => [code, ran])
const ran = (name: string): Promise<void> => vi.waitFor(() => expect(log).toContain(name))
const end = (name: string): void => running.get(name)!()

afterEach(async () => {
  await Promise.all(pools.splice(0).map((each) => each.close({ mode: 'kill' })))
  await dispatcher.close()
  running.clear()
  log = []
})

describe('a pool', () => {
  test('starts a worker when there is a task for it, and no more than its size', async () => {
    const opened = open()
    const work = opened.spawn('Work')
    expect(opened.links).toHaveLength(0)
    expect(await work.add(1, 2)).toBe(3)
    expect(await work.add(3, 4)).toBe(7)
    expect(opened.links).toHaveLength(1)
    const calls = ['a', 'b', 'c'].map((name) => work.run(name))
    await ran('b')
    expect(opened.links).toHaveLength(2)
    expect(opened.info()).toMatchObject({ waiting: 1, running: 2, size: 2, state: 'open' })
    end('b')
    await ran('c')
    end('a')
    end('c')
    expect(await Promise.all(calls)).toEqual(['a', 'b', 'c'])
    expect(opened.info()).toMatchObject({ waiting: 0, running: 0, workers: [{ id: 1 }, { id: 2 }] })
  })

  test('runs one task at a time at each worker, and more where it is told so', async () => {
    const work = open({ size: 1, concurrency: 2 }).spawn('Work')
    const calls = ['a', 'b', 'c'].map((name) => work.run(name))
    await ran('b')
    expect(log).toEqual(['a', 'b'])
    end('a')
    await ran('c')
    end('b')
    end('c')
    await Promise.all(calls)
  })

  test('passes on errors, callbacks, streams and one-way messages', async () => {
    const opened = open()
    const work = opened.spawn('Work')
    await expect(work.fail()).rejects.toThrow(new TypeError('wrong'))
    const told: number[] = []
    expect(await work.twice(4, (n) => told.push(n))).toBe(8)
    expect(told).toEqual([4])
    const counted: number[] = []
    for await (const n of work.count(3)) counted.push(n)
    expect(counted).toEqual([1, 2, 3])
    tell(work).run('told')
    await ran('told')
    end('told')
    await vi.waitFor(() => expect(opened.info().running).toBe(0))
  })

  test('keeps a worker busy for as long as a stream of it is read', async () => {
    const opened = open({ size: 1 })
    const work = opened.spawn('Work')
    const stream = work.count(3)[Symbol.asyncIterator]()
    await stream.next()
    const added = work.add(1, 1)
    expect(opened.info()).toMatchObject({ waiting: 1, running: 1 })
    await stream.return!()
    expect(await added).toBe(2)
  })

  test('runs no other task between the result and the first step of a stream that is read at once', async () => {
    const work = open({ size: 1 }).spawn('Work')
    const order: unknown[] = []
    const reading = (async () => {
      for await (const n of work.count(3)) order.push(n)
    })()
    await Promise.all([reading, work.add(1, 1).then(() => order.push('added'))])
    expect(order).toEqual([1, 2, 3, 'added'])
  })

  test('has its worker free while a stream of it is not read, and busy once it is', async () => {
    const opened = open({ size: 1 })
    const work = opened.spawn('Work')
    const stream = (await (work.count(3) as unknown as Promise<AsyncGenerator<number>>))[Symbol.asyncIterator]()
    expect(opened.info()).toMatchObject({ running: 1 })
    expect(await work.add(1, 1)).toBe(2)
    expect(opened.info()).toMatchObject({ running: 0, workers: [{ state: 'idle', handled: 2 }] })
    expect(await stream.next()).toEqual({ done: false, value: 1 })
    const added = work.add(1, 1)
    expect(opened.info()).toMatchObject({ waiting: 1, running: 1, workers: [{ state: 'busy' }] })
    await stream.return(undefined)
    expect(await added).toBe(2)
    expect(opened.info()).toMatchObject({ running: 0 })
  })

  test('runs functions that its workers offer', async () => {
    const opened = open()
    expect(await opened.run('double', 21)).toBe(42)
    expect(await codeOf(opened.run('triple', 21))).toEqual(['not-found', 'no'])
    expect(opened.info()).toMatchObject({ running: 0 })
  })

  test('never runs a task that was aborted while it waited', async () => {
    const opened = open({ size: 1 })
    const work = opened.spawn('Work')
    const first = work.run('first')
    await ran('first')
    const controller = new AbortController()
    const second = ask(work, { signal: controller.signal }).run('second')
    const third = ask(work, { timeout: 20 }).run('third')
    controller.abort()
    expect(await codeOf(second)).toEqual(['aborted', 'no'])
    expect(await codeOf(third)).toEqual(['timeout', 'no'])
    end('first')
    await first
    expect(await work.add(1, 1)).toBe(2)
    expect(log).toEqual(['first'])
  })

  test('fires the signal of a task that runs, whose worker is busy until it has ended', async () => {
    const opened = open({ size: 1 })
    const work = opened.spawn('Work')
    const controller = new AbortController()
    const call = ask(work, { signal: controller.signal }).run('long')
    await ran('long')
    controller.abort()
    expect(await codeOf(call)).toEqual(['aborted', 'maybe'])
    await ran('long aborted')
    expect(opened.info()).toMatchObject({ running: 1 })
    end('long')
    expect(await work.add(1, 1)).toBe(2)
  })

  test('refuses a task that finds the queue full', async () => {
    const opened = open({ size: 1, maxQueue: 1 })
    const work = opened.spawn('Work')
    const calls = [work.run('a')]
    await ran('a')
    calls.push(work.run('b'))
    expect(await codeOf(work.run('c'))).toEqual(['overloaded', 'no'])
    end('a')
    await ran('b')
    end('b')
    await Promise.all(calls)
  })

  test('takes as many tasks while its workers start as when they are there', async () => {
    const opened = open({ size: 2, concurrency: 2, maxQueue: 1 })
    const work = opened.spawn('Work')
    for (const round of ['cold', 'warm']) {
      const names = [1, 2, 3, 4, 5].map((n) => `${round} ${n}`)
      const calls = names.map((name) => work.run(name))
      expect(await codeOf(work.run('one more'))).toEqual(['overloaded', 'no'])
      for (const name of names) {
        await ran(name)
        end(name)
      }
      await Promise.all(calls)
    }
    expect(opened.info().workers).toHaveLength(2)
  })

  test('ends a worker whose task goes on for longer than grace after its caller gave up, and starts another one', async () => {
    const env = virtualClock()
    const opened = open({ grace: 200 }, { env })
    const ended: number[] = []
    opened.on('worker-ended', (id) => ended.push(id))
    const work = opened.spawn('Work')
    const controller = new AbortController()
    const bad = ask(work, { signal: controller.signal }).run('bad')
    await ran('bad')
    const good = work.run('good')
    await ran('good')
    controller.abort()
    expect(await codeOf(bad)).toEqual(['aborted', 'maybe'])
    const waits = work.run('waits')
    await env.advance(199)
    expect(log).not.toContain('waits')
    await env.advance(2)
    await vi.waitFor(() => expect(ended).toEqual([1]))
    await ran('waits')
    end('good')
    end('waits')
    expect(await Promise.all([good, waits])).toEqual(['good', 'waits'])
  })

  test('replaces a worker that died; what may have run is tried again only where retries say so', async () => {
    const opened = open({ size: 1 })
    const work = opened.spawn('Work')
    const lost = work.run('lost')
    await ran('lost')
    const next = work.add(1, 1)
    opened.links[0]!.close()
    expect(await codeOf(lost)).toEqual(['unknown', 'maybe'])
    expect(await next).toBe(2)
    expect(opened.info().workers).toMatchObject([{ id: 2 }])

    const again = open({ size: 1, retries: 1 })
    const retried = again.spawn('Work').run('retried')
    await ran('retried')
    again.links[0]!.close()
    await vi.waitFor(() => expect(log.filter((name) => name === 'retried')).toHaveLength(2))
    end('retried')
    expect(await retried).toBe('retried')
  })

  test('says of a task that ran before and waits to be tried again that it may have run', async () => {
    const opened = open({ size: 1, retries: 1 })
    const work = opened.spawn('Work')
    const controller = new AbortController()
    const first = ask(work, { signal: controller.signal }).run('first')
    await ran('first')
    opened.on('worker-ended', () => controller.abort())
    opened.links[0]!.close()
    expect(await codeOf(first)).toEqual(['aborted', 'maybe'])
  })

  test('is sick when no worker starts: tasks fail with no-worker, and few attempts are made', async () => {
    const env = virtualClock()
    let attempts = 0
    let isMended = false
    const made = workers()
    const connect = (): Connector => {
      attempts++
      if (isMended) return made.connect()
      throw new Error('no such file')
    }
    const opened = open({ connect, restart: { max: 3, within: 1_000 } }, { env })
    const told: string[] = []
    opened.on('sick', ({ code }) => told.push(code))
    const work = opened.spawn('Work')
    const calls = Array.from({ length: 1_000 }, (_, n) => codeOf(work.add(n, 1)))
    await env.advance(900)
    expect(new Set((await Promise.all(calls)).map(String))).toEqual(new Set(['no-worker,no']))
    expect(await codeOf(work.add(1, 1))).toEqual(['no-worker', 'no'])
    expect(attempts).toBeLessThanOrEqual(8)
    expect(opened.info().state).toBe('sick')
    expect(told).toEqual(['no-worker'])
    isMended = true
    await env.advance(1_500)
    expect(await work.add(1, 1)).toBe(2)
    expect(opened.info().state).toBe('open')
  })

  test('tells of workers that start and end, and when no task waits any more', async () => {
    const opened = open({ size: 1 })
    const events: string[] = []
    opened.on('worker-started', (id) => events.push(`started ${id}`))
    opened.on('worker-ended', (id) => events.push(`ended ${id}`))
    opened.on('drain', () => events.push('drain'))
    await opened.spawn('Work').add(1, 1)
    await opened.close()
    expect(events).toEqual(['started 1', 'drain', 'ended 1'])
  })

  test('ends workers that have nothing to do for the time idle', async () => {
    const env = virtualClock()
    const opened = open({ idle: 1_000 }, { env })
    const work = opened.spawn('Work')
    await work.add(1, 1)
    await env.advance(990)
    expect(opened.info().workers).toHaveLength(1)
    await env.advance(20)
    await vi.waitFor(() => expect(opened.info().workers).toHaveLength(0))
    expect(await work.add(1, 1)).toBe(2)
  })

  test('has the oldest workers end when it gets smaller, once they have no task', async () => {
    const opened = open({ size: 3 })
    const work = opened.spawn('Work')
    const calls = ['a', 'b', 'c'].map((name) => work.run(name))
    await Promise.all(['a', 'b', 'c'].map(ran))
    opened.resize(1)
    expect(opened.info().workers.map(({ state }) => state)).toEqual(['ending', 'ending', 'busy'])
    for (const name of ['a', 'b', 'c']) end(name)
    expect(await Promise.all(calls)).toEqual(['a', 'b', 'c'])
    await vi.waitFor(() => expect(opened.info().workers).toMatchObject([{ id: 3 }]))
  })

  test('closes when all tasks are done, unless told otherwise', async () => {
    const opened = open({ size: 1 })
    const work = opened.spawn('Work')
    const calls = ['a', 'b'].map((name) => work.run(name))
    await ran('a')
    const closed = opened.close()
    expect(await codeOf(work.add(1, 1))).toEqual(['stopped', 'no'])
    end('a')
    await ran('b')
    end('b')
    expect(await Promise.all(calls)).toEqual(['a', 'b'])
    await closed
    expect(opened.info()).toMatchObject({ state: 'closed', workers: [] })

    const now = open({ size: 1 })
    const running = now.spawn('Work').run('c')
    await ran('c')
    const waiting = codeOf(now.spawn('Work').run('d'))
    const closing = now.close({ mode: 'now' })
    expect(await waiting).toEqual(['stopped', 'no'])
    end('c')
    await codeOf(running)
    await closing
    expect(log).not.toContain('d')
  })

  test('has no worker left once it has closed, also of those that were starting', async () => {
    const opened = open({ size: 1 })
    const added = codeOf(opened.spawn('Work').add(1, 1))
    expect(opened.info().workers).toMatchObject([{ state: 'starting' }])
    await opened.close({ mode: 'now' })
    expect(opened.info().workers).toEqual([])
    expect(await added).toEqual(['stopped', 'no'])
  })

  test('settles what waits when its dispatcher closes', async () => {
    const opened = open({ size: 1 })
    const work = opened.spawn('Work')
    const calls = ['a', 'b'].map((name) => codeOf(work.run(name)))
    await ran('a')
    await dispatcher.close()
    expect(await Promise.all(calls)).toEqual([
      ['unknown', 'maybe'],
      ['stopped', 'no'],
    ])
    expect(await codeOf(work.add(1, 1))).toEqual(['stopped', 'no'])
  })

  test('gives proxies that have no properties, no owner and the life of the pool', async () => {
    const opened = open()
    const work = opened.spawn('Work')
    await expect(read(work, 'total')).rejects.toMatchObject({ code: 'not-exposed', ran: 'no' })
    await expect(stop(work)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(await isAlive(work)).toBe(true)
    const end = ended(work)
    await opened.close()
    expect(await codeOf(work.add(1, 1))).toEqual(['stopped', 'no'])
    expect(await isAlive(work)).toBe(false)
    for (const reason of [await end, await ended(work)]) expect(reason).toMatchObject({ code: 'stopped' })
    const tied = await dispatcher.spawn(Work)
    linkFates(work, tied)
    expect(await ended(tied)).toMatchObject({ code: 'stopped' })
  })

  test('logs a task that fails and that no caller awaits', async () => {
    const lines: string[] = []
    const opened = open({}, { log: ({ text }: { text: string }) => void lines.push(text) })
    void opened.spawn('Work').fail()
    await vi.waitFor(() => expect(lines).toEqual([expect.stringMatching(/fail\(\) failed, and no caller awaits it/)]))
  })

  test('says at once what of its options is wrong', () => {
    const home = (dispatcher = new Dispatcher())
    const { connect } = workers()
    const wrong: unknown[] = [
      undefined,
      null,
      {},
      { connect: 1 },
      { connect, restart: null },
      { connect, size: 0 },
      { connect, size: 1.5 },
      { connect, retries: -1 },
    ]
    wrong.push(
      { connect, concurrency: '2' },
      { connect, maxQueue: NaN },
      { connect, idle: -1 },
      { connect, grace: 'x' },
    )
    for (const options of wrong)
      expect(() => pool(home, options as PoolOptions)).toThrow(expect.objectContaining({ code: 'malformed' }))
    expect(() => pool({} as Dispatcher, { connect })).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
})

describe('a router of a pool that misbehaves', () => {
  test.each([['length'], [Symbol.iterator], [{}], [-1], [7], [undefined]])(
    'and returns %s rejects the call',
    async (index) => {
      const work = open().spawn('Work', { route: () => index as number })
      expect(await codeOf(work.add(1, 2))).toEqual(['malformed', 'no'])
    },
  )

  test('and is async rejects the call, and nothing else', async () => {
    const route = async (): Promise<never> => {
      throw new Error('late')
    }
    const work = open().spawn('Work', { route: route as never })
    expect(await codeOf(work.add(1, 2))).toEqual(['malformed', 'no'])
  })

  test('and aborts the call keeps it from running', async () => {
    const end = new AbortController()
    const route = (): number => {
      end.abort()
      return 0
    }
    const opened = open({ size: 1 })
    const work = opened.spawn('Work', { route })
    log = []
    expect(await codeOf(ask(work, { signal: end.signal }).run('aborted'))).toEqual(['aborted', 'no'])
    expect(await opened.spawn('Work').add(1, 2)).toBe(3)
    expect(log).toEqual([])
  })
})

test('connect may return a promise of a connector', async () => {
  const { connect } = workers()
  expect(
    await open({ connect: async () => connect() })
      .spawn('Work')
      .add(1, 2),
  ).toBe(3)
})

test('a pool whose connect rejects has no workers, and nothing else fails', async () => {
  const connect = async (): Promise<never> => {
    throw new Error('no file')
  }
  const work = open({ connect, restart: { max: 0 } }).spawn('Work')
  await expect(work.add(1, 2)).rejects.toMatchObject({ code: 'no-worker', cause: { message: 'no file' } })
})

test('a task that waits keeps the process alive, also behind one whose caller gave up', async () => {
  const clock = virtualClock()
  const holding = new Set<unknown>()
  const env = {
    ...clock,
    setTimer(fn: () => void, ms: number, background?: boolean): unknown {
      const timer = clock.setTimer(fn, ms, background)
      if (!background) holding.add(timer)
      return timer
    },
    clearTimer(timer: unknown): void {
      holding.delete(timer)
      clock.clearTimer(timer)
    },
  }
  const opened = open({ size: 1 }, { env })
  const work = opened.spawn('Work')
  expect(await work.add(1, 2)).toBe(3)
  const end = new AbortController()
  const first = codeOf(ask(work, { signal: end.signal }).run('held'))
  await ran('held')
  end.abort()
  await first
  expect(holding.size).toBe(0)
  const next = work.add(1, 2)
  expect(holding.size).toBe(1)
  running.get('held')!()
  expect(await next).toBe(3)
  expect(holding.size).toBe(0)
  await opened.close()
})

test('a second close hurries the first', async () => {
  const opened = open({ size: 1 })
  const call = codeOf(opened.spawn('Work').run('a'))
  await ran('a')
  const slow = opened.close({ timeout: Infinity })
  const fast = opened.close({ mode: 'kill' })
  await Promise.all([slow, fast])
  expect(await call).toEqual(['unknown', 'maybe'])
})

test('close takes its timeout once, for the tasks and the workers together', async () => {
  const env = virtualClock()
  const opened = open({ size: 1 }, { env })
  const call = codeOf(opened.spawn('Work').run('a'))
  await env.advance(10)
  await ran('a')
  const closed = opened.close({ timeout: 100 }).then(() => env.now())
  const began = env.now()
  await env.advance(1_000)
  expect((await closed) - began).toBe(100)
  expect(await call).toEqual(['unknown', 'maybe'])
})

test('drain is told when tasks had to wait, not after each task', async () => {
  const opened = open({ size: 1 })
  const work = opened.spawn('Work')
  await work.add(1, 1)
  let drains = 0
  opened.on('drain', () => drains++)
  for (let n = 0; n < 3; n++) await work.add(n, 1)
  expect(drains).toBe(0)
  // More than a worker is sent ahead.
  await Promise.all(Array.from({ length: 1_000 }, () => work.add(1, 1)))
  expect(drains).toBe(1)
})

test('a pool closes within its timeout although a worker is still being started', async () => {
  const env = virtualClock()
  const opened = open({ size: 1, connect: () => pair({ codec: adaptive })[0] }, { env })
  const call = codeOf(opened.spawn('Work').add(1, 2))
  await env.advance(10)
  const closed = opened.close({ mode: 'kill', timeout: 500 })
  await env.advance(500)
  await closed
  expect(await call).toEqual(['stopped', 'no'])
})

describe('map', () => {
  async function* stalling(): AsyncGenerator<number> {
    yield 1
    await new Promise<never>(() => {})
  }

  test('ends when its signal fires although its source does not go on', async () => {
    const signal = AbortSignal.timeout(20)
    const results = open().map(stalling(), async () => 1, { concurrency: 2, signal })
    const all = (async () => {
      for await (const result of results) expect(result).toBe(1)
    })()
    await expect(all).rejects.toThrow(/time/)
  })

  test('ends when a call fails although its source does not go on', async () => {
    const fails = async (): Promise<never> => {
      throw new Error('wrong')
    }
    await expect(open().map(stalling(), fails, { concurrency: 2 }).next()).rejects.toThrow('wrong')
  })

  test('gives results in the order of the inputs, and so many calls are under way at most', async () => {
    const opened = open()
    const work = opened.spawn('Work')
    let most = 0
    let now = 0
    const results: number[] = []
    for await (const result of opened.map(
      [5, 1, 3, 2, 4],
      async (n) => {
        most = Math.max(most, ++now)
        const sum = await work.add(n, 1)
        now--
        return sum
      },
      { concurrency: 2 },
    ))
      results.push(result)
    expect(results).toEqual([6, 2, 4, 3, 5])
    expect(most).toBe(2)
  })

  test('gives results as they come where the order does not matter', async () => {
    const opened = open()
    const work = opened.spawn('Work')
    const results = opened.map(['a', 'b'], (name) => work.run(name), { ordered: false })
    const first = results.next()
    await ran('b')
    end('b')
    expect(await first).toEqual({ done: false, value: 'b' })
    end('a')
    expect(await results.next()).toEqual({ done: false, value: 'a' })
    expect(await results.next()).toEqual({ done: true, value: undefined })
  })

  test('reads an async iterable no further than it has to, and ends it when its reader leaves', async () => {
    const opened = open()
    let read = 0
    let isEnded = false
    async function* inputs(): AsyncGenerator<number> {
      try {
        for (;;) yield read++
      } finally {
        isEnded = true
      }
    }
    const work = opened.spawn('Work')
    for await (const result of opened.map(inputs(), (n) => work.add(n, 0), { concurrency: 3 })) if (result === 2) break
    expect(isEnded).toBe(true)
    expect(read).toBeLessThanOrEqual(7)
  })

  test('throws what a call throws, aborts the others and calls no more', async () => {
    const opened = open()
    const work = opened.spawn('Work')
    const called: number[] = []
    const failing = async (): Promise<void> => {
      const results = opened.map([0, 1, 2, 3], (n, index, { signal }) => {
        called.push(index)
        return n === 0 ? work.fail() : ask(work, { signal }).run(`${n}`)
      })
      for await (const result of results) throw new Error(`no result was expected, not ${String(result)}`)
    }
    await expect(failing()).rejects.toThrow('wrong')
    expect(called).toEqual([0, 1, 2, 3])
    for (const name of running.keys()) end(name)
    await vi.waitFor(() => expect(opened.info()).toMatchObject({ running: 0, waiting: 0 }))
  })

  test('ends with the reason of its signal', async () => {
    const opened = open()
    const work = opened.spawn('Work')
    const controller = new AbortController()
    const results = opened.map(['x', 'y'], (name) => work.run(name), { signal: controller.signal })
    const first = results.next()
    await ran('x')
    controller.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    for (const name of running.keys()) end(name)
  })

  const wrong: [string, unknown, unknown, object][] = [
    ['inputs that cannot be iterated', 5, String, {}],
    ['what is no function', [1], 'run', {}],
    ['a signal that is none', [1], String, { signal: {} }],
  ]

  test.each(wrong)('throws malformed for %s', (_, inputs, fn, options) => {
    expect(() => open().map(inputs as never, fn as never, options as never)).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    )
  })

  test('ends at once when its reader leaves while it waits', async () => {
    const opened = open({ size: 1 })
    const work = opened.spawn('Work')
    const results = opened.map(stalling(), (_, __, { signal }) => ask(work, { signal }).run('a'))
    const next = results.next()
    await ran('a')
    expect(await results.return!()).toEqual({ done: true, value: undefined })
    expect(await next).toEqual({ done: true, value: undefined })
    end('a')
    expect(await results.next()).toEqual({ done: true, value: undefined })
    expect(await opened.map([1], () => 1).return!()).toEqual({ done: true, value: undefined })
  })
})

describe('a router', () => {
  const keys = Array.from({ length: 200 }, (_, n) => `key ${n}`)

  test('gives calls to one worker after the other', async () => {
    const opened = open({ size: 2 })
    const work = opened.spawn('Work', { route: roundRobin() })
    const where: string[] = []
    for (let n = 0; n < 4; n++) where.push(await work.where())
    expect(where).toEqual(['w1', 'w2', 'w1', 'w2'])
    expect((await Promise.all([work.where(), work.where(), work.where(), work.where()])).toSorted()).toEqual([
      'w1',
      'w1',
      'w2',
      'w2',
    ])
  })

  test('hash gives equal keys to the same worker, and few keys to another one where there is one more', async () => {
    const opened = open({ size: 4 })
    const work = opened.spawn('Work', { route: hash((_, key) => key) })
    const places = (): Promise<string[]> => Promise.all(keys.map((key) => work.at(key)))
    const before = await places()
    expect(new Set(before).size).toBe(4)
    expect(await places()).toEqual(before)
    opened.resize(5)
    const after = await places()
    const moved = after.filter((where, n) => where !== before[n])
    expect(new Set(moved)).toEqual(new Set(['w5']))
    expect(moved.length).toBeGreaterThan(20)
    expect(moved.length).toBeLessThan(70)
  })

  test('has calls wait for their worker, and holds up no other ones', async () => {
    const opened = open({ size: 2 })
    const bound = opened.spawn('Work', { route: hash(() => 'one') })
    const free = opened.spawn('Work')
    const calls = ['a', 'b'].map((name) => bound.run(name))
    await ran('a')
    expect(await Promise.all([free.add(1, 1), free.add(2, 2)])).toEqual([2, 4])
    expect(log).toEqual(['a'])
    end('a')
    await ran('b')
    end('b')
    expect(await Promise.all(calls)).toEqual(['a', 'b'])
  })

  test('gives its calls to the worker that replaces one which died', async () => {
    const opened = open({ size: 2 })
    const work = opened.spawn('Work', { route: hash(() => 'one') })
    expect(await work.where()).toBe('w1')
    const lost = work.run('lost')
    await ran('lost')
    const next = work.where()
    opened.links[0]!.close()
    expect(await codeOf(lost)).toEqual(['unknown', 'maybe'])
    expect(await next).toBe('w2')
  })

  test('chooses anew for calls that wait for a worker which a smaller pool has no more', async () => {
    const opened = open({ size: 2 })
    const work = opened.spawn('Work', { route: roundRobin() })
    const calls = ['a', 'b', 'c', 'd'].map((name) => work.run(name))
    await Promise.all(['a', 'b'].map(ran))
    opened.resize(1)
    for (const name of ['a', 'b', 'c', 'd']) {
      await ran(name)
      end(name)
    }
    expect(await Promise.all(calls)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('may be random or the least busy, and is tried only for methods', async () => {
    const opened = open({ size: 2 }, { env: { ...virtualClock(), random: () => 0.9 } })
    const any = opened.spawn('Work', { route: random() })
    const least = opened.spawn('Work', { route: leastBusy() })
    const call = any.run('a')
    await ran('a')
    expect(opened.info().workers).toMatchObject([{ state: 'busy' }])
    expect(await least.where()).toBe('w2')
    end('a')
    await call
  })

  test('fails a call with what it throws, and with malformed where it returns no index', async () => {
    const opened = open()
    const none = opened.spawn('Work', { route: hash(() => undefined as never) })
    expect(await codeOf(none.where())).toEqual(['malformed', 'no'])
    expect(await codeOf(opened.spawn('Work', { route: () => 2 }).where())).toEqual(['malformed', 'no'])
    expect(() => opened.spawn('Work', { route: 'hash' as never })).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    )
    expect(opened.links).toHaveLength(0)
  })

  test('fails calls of a worker that does not start, while other workers run', async () => {
    const env = virtualClock()
    let starts = 0
    const made = workers()
    const connect = (): Connector => {
      if (starts++ > 0) throw new Error('no more')
      return made.connect()
    }
    const opened = open({ connect, restart: { max: 2, within: 1_000 } }, { env })
    const work = opened.spawn('Work', { route: roundRobin() })
    const calls = Array.from({ length: 4 }, () => codeOf(work.where()))
    await env.advance(900)
    const refused = ['no-worker', 'no']
    expect(await Promise.all(calls)).toEqual(['w1', refused, 'w1', refused])
  })
})

describe('a pool whose workers do not start', () => {
  const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
  const wrong = { open: () => Promise.reject(new Error('nothing there')) } as unknown as Connector
  const connects = {
    'are still being made': () => new Promise<never>(() => {}),
    'are tried again later': () => wrong,
  }

  test.each(Object.entries(connects))(
    'settles its calls when its dispatcher closes: those that %s',
    async (_, connect) => {
      const clock = virtualClock()
      const dispatcher = new Dispatcher({ env: clock, log: () => {} })
      const workers = pool<typeof actors>(dispatcher, { connect, size: 1, restart: { max: 5, backoff: 4_000 } })
      const call = outcome(workers.spawn('Work').add(1, 2))
      await clock.advance(100)
      await dispatcher.close()
      expect(await call).toMatchObject({ code: 'stopped', ran: 'no' })
      expect(workers.info().state).toBe('closed')
      expect(clock.timers).toBe(0)
    },
  )

  test('is killed within half a second', async () => {
    const clock = virtualClock()
    const dispatcher = new Dispatcher({ env: clock, log: () => {} })
    const workers = pool<typeof actors>(dispatcher, { connect: connects['are still being made'], size: 1 })
    const call = outcome(workers.spawn('Work').add(1, 2))
    await clock.advance(100)
    const closing = workers.close({ mode: 'kill' })
    expect(await call).toMatchObject({ code: 'stopped', ran: 'no' })
    await clock.advance(500)
    await closing
    expect(workers.info().workers).toEqual([])
    await dispatcher.close()
    expect(clock.timers).toBe(0)
  })
})
