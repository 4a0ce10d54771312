import { describe, expect, test } from 'vitest'
import {
  Actor,
  type ActorError,
  ask,
  Dispatcher,
  ended,
  info,
  isAlive,
  kill,
  type LogEntry,
  type Proxy,
  type RestartOptions,
  type SpawnOptions,
  stop,
  tell,
  transfer,
} from '../index.js'
import { virtualClock, type VirtualClock } from '../testing/index.js'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

class Child extends Actor {
  #count = 0
  constructor(
    readonly title = 'child',
    readonly pages: string[] = [],
    readonly isBroken = (): boolean => false,
  ) {
    super()
  }
  override onStart(): void {
    if (this.isBroken()) throw new Error('broken')
    this.pages.push(`${this.title} started`)
  }
  override onStop(): void {
    this.pages.push(`${this.title} stopped`)
  }
  add(): number {
    return ++this.#count
  }
  fail(text = 'failed'): never {
    throw new Error(text)
  }
  async failLater(): Promise<never> {
    await undefined
    throw new Error('later')
  }
  leave(): void {
    this.context.stop()
  }
  hang(): Promise<void> {
    return new Promise(() => {})
  }
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open!: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}

type ChildOptions = SpawnOptions<typeof Child>

class Parent extends Actor {
  constructor(readonly pages: string[] = []) {
    super()
  }
  override onStart(): void {
    this.pages.push('parent started')
  }
  async raise(title: string, options: Omit<ChildOptions, 'args'> = {}): Promise<Proxy<Child>> {
    return this.context.spawn(Child, { name: title, args: [title, this.pages], ...options })
  }
  async count(): Promise<number> {
    return this.context.children.length
  }
}

/** A realm under a virtual clock, which checks that no timer is left. */
function realm(): { dispatcher: Dispatcher; clock: VirtualClock; log: string[] } & AsyncDisposable {
  const clock = virtualClock()
  const log: string[] = []
  const dispatcher = new Dispatcher({
    env: clock,
    log: ({ text, error }: LogEntry) => log.push(`${text}: ${String((error as Error).message ?? error)}`),
  })
  const close = async (): Promise<void> => {
    await dispatcher.close({ mode: 'kill' })
    expect(clock.timers).toBe(0)
  }
  return { dispatcher, clock, log, [Symbol.asyncDispose]: close }
}

describe('a handler that throws', () => {
  test('answers its caller, and the actor goes on with its state', async () => {
    await using r = realm()
    const child = await r.dispatcher.spawn(Child)
    await child.add()
    expect(await outcome(child.fail())).toMatchObject({ message: 'failed' })
    expect(await child.add()).toBe(2)
    expect(await info(child)).toMatchObject({ incarnation: 1, restarts: 0 })
  })

  test('restarts an actor that says so: same proxy and id, new instance of the same arguments, what waits isCloneable', async () => {
    await using r = realm()
    const pages: string[] = []
    const child = await r.dispatcher.spawn(Child, { name: 'c', args: ['c', pages], restart: 'transient' })
    await child.add()
    const calls = [outcome(child.failLater()), child.add(), child.add()]
    expect(await calls[0]).toMatchObject({ message: 'later' })
    expect(await Promise.all(calls.slice(1))).toEqual([1, 2])
    expect(pages).toEqual(['c started', 'c stopped', 'c started'])
    expect(await info(child)).toMatchObject({ name: 'c', incarnation: 2, restarts: 1, state: 'running' })
  })

  test('restarts once, however many readers go on with streams of the old instance, or ask for what is not there', async () => {
    await using r = realm()
    class Source extends Child {
      async *numbers(): AsyncGenerator<number> {
        for (let number = 0; ; number++) yield number
      }
    }
    const source = await r.dispatcher.spawn(Source, { restart: 'transient' })
    const readers = await Promise.all(Array.from({ length: 6 }, () => source.numbers()))
    const streams = readers.map((reader) => reader[Symbol.asyncIterator]())
    for (const stream of streams) expect(await stream.next()).toEqual({ done: false, value: 0 })
    await outcome(source.fail())
    for (const stream of streams) expect(await outcome(stream.next())).toMatchObject({ code: 'stopped' })
    const nothing = source as unknown as { nothing(): Promise<void> }
    for (let call = 0; call < 6; call++) expect(await outcome(nothing.nothing())).toMatchObject({ code: 'not-exposed' })
    expect(await source.add()).toBe(1)
    expect(await info(source)).toMatchObject({ incarnation: 2, restarts: 1 })
  })

  test.each([
    ['resume', 'running', 1],
    ['restart', 'running', 2],
    ['stop', 'closed', 1],
    ['escalate', 'terminated', 1],
  ] as const)('is decided upon: %s', async (decision, state, incarnation) => {
    await using r = realm()
    const heard: unknown[] = []
    const decide = async (error: unknown, failure: unknown) => {
      heard.push([(error as Error).message, failure])
      return decision
    }
    const child = await r.dispatcher.spawn(Child, { decide })
    await outcome(child.fail('why'))
    await r.clock.advance(0)
    expect(heard).toEqual([['why', { method: 'fail', restarts: 0 }]])
    expect(await info(child)).toMatchObject({ state, incarnation })
  })

  test('on the reason of its signal has not failed, and one that throws another error after an abort has', async () => {
    await using r = realm()
    class Waiter extends Child {
      async wait(isOther: boolean): Promise<void> {
        const { signal } = this.context
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        throw isOther ? new Error('other') : signal.reason
      }
    }
    const waiter = await r.dispatcher.spawn(Waiter, { restart: 'transient' })
    for (const [isOther, incarnation] of [
      [false, 1],
      [true, 2],
    ] as const) {
      const controller = new AbortController()
      const waits = outcome(ask(waiter, controller).wait(isOther))
      await r.clock.advance(0)
      controller.abort()
      expect(await waits).toMatchObject({ code: 'aborted' })
      await r.clock.advance(0)
      expect(await info(waiter)).toMatchObject({ incarnation })
    }
  })

  test('whose error nobody awaits goes to the log and the supervisor, never to unhandledRejection', async () => {
    await using r = realm()
    const child = await r.dispatcher.spawn(Child, { restart: 'transient' })
    tell(child).fail('unheard')
    expect(await child.add()).toBe(1)
    expect(await info(child)).toMatchObject({ incarnation: 2 })
    expect(r.log).toEqual([expect.stringContaining('unheard')])
  })

  test('is tried again as often as asked, then it is a dead letter', async () => {
    await using r = realm()
    const letters: unknown[] = []
    r.dispatcher.on('dead-letter', (letter) => letters.push(letter))
    let left = 2
    class Flaky extends Actor {
      flaky(): string {
        if (left-- > 0) throw new Error('not yet')
        return 'done'
      }
    }
    const flaky = await r.dispatcher.spawn(Flaky, { retries: 2 })
    expect(await flaky.flaky()).toBe('done')
    left = 3
    expect(await outcome(flaky.flaky())).toMatchObject({ message: 'not yet' })
    expect(letters).toMatchObject([{ about: 'flaky() to /1, tried 3 times', reason: { message: 'not yet' } }])
    left = 1
    const restarted = await r.dispatcher.spawn(Flaky, { retries: 1, restart: 'transient' })
    expect(await restarted.flaky()).toBe('done')
    expect(await info(restarted)).toMatchObject({ incarnation: 2 })
  })
})

describe('which ends bring an actor back', () => {
  test.each([
    ['permanent', true, true, true],
    ['transient', true, true, false],
    ['temporary', false, false, false],
    [undefined, true, false, false],
  ] as const)('%s', async (restart, afterFailure, afterKill, afterLeaving) => {
    await using r = realm()
    const options = restart ? { restart } : {}
    const comesBack = async (end: (child: Proxy<Child>) => unknown): Promise<boolean> => {
      const child = await r.dispatcher.spawn(Child, options)
      await end(child)
      await r.clock.advance(100)
      return isAlive(child)
    }
    expect(await comesBack((child) => outcome(child.fail()))).toBe(afterFailure)
    expect(await comesBack((child) => kill(child))).toBe(afterKill)
    expect(await comesBack((child) => child.leave())).toBe(afterLeaving)
    expect(await comesBack((child) => stop(child))).toBe(false)
  })

  test('kill one of three: three again', async () => {
    await using r = realm()
    const parent = await r.dispatcher.spawn(Parent)
    const children = await Promise.all(['a', 'b', 'c'].map((name) => parent.raise(name, { restart: 'permanent' })))
    await children[1]!.add()
    const hanging = outcome(children[1]!.hang())
    await r.clock.advance(0)
    await kill(children[1]!)
    expect(await hanging).toMatchObject({ code: 'stopped', ran: 'maybe' })
    expect(await Promise.all(children.map((child) => child.add()))).toEqual([1, 1, 1])
    expect(await parent.count()).toBe(3)
  })

  test('an error in every restarts the actor, in onStart of a restart too', async () => {
    await using r = realm()
    let starts = 0
    class Ticker extends Actor {
      override onStart(): void {
        const start = ++starts
        if (start === 2 || start === 3) throw new Error('not up')
        this.context.every(100, () => {
          if (start === 1) throw new Error('tick')
        })
      }
    }
    const ticker = await r.dispatcher.spawn(Ticker)
    await r.clock.advance(1_000)
    expect(await info(ticker)).toMatchObject({ restarts: 3, state: 'running' })
    expect(r.log.map((line) => line.split(': ').at(-1))).toEqual(['tick', 'not up', 'not up'])
    await stop(ticker)
  })

  test('an object that was handed in, or moved arguments, cannot be restarted', async () => {
    await using r = realm()
    const buffer = new ArrayBuffer(1)
    class Taker extends Actor {
      constructor(readonly it: object) {
        super()
      }
      fail(): never {
        throw new Error('failed')
      }
    }
    const taker = await r.dispatcher.spawn(Taker, { args: [transfer({ buffer }, [buffer])], restart: 'transient' })
    await outcome(taker.fail())
    expect(await ended(taker)).toMatchObject({ code: 'not-restartable', cause: { message: 'failed' } })
  })
})

describe('a crash loop', () => {
  test('gives up after the intensity, with backoff in between, typed', async () => {
    await using r = realm()
    let broken = false
    const starts: number[] = []
    const isBroken = (): boolean => {
      starts.push(r.clock.now())
      return broken
    }
    const restart: RestartOptions = { max: 4, within: 60_000, backoff: 1_000, longest: 3_000 }
    const child = await r.dispatcher.spawn(Child, { args: ['c', [], isBroken], restart })
    broken = true
    await outcome(child.fail())
    const waiting = outcome(child.add())
    await r.clock.advance(60_000)
    const waits = starts.slice(1).map((start, at) => start - starts[at]!)
    expect(waits).toHaveLength(4)
    expect(waits[0]).toBe(0)
    for (const [at, longest] of [1_000, 2_000, 3_000].entries()) {
      expect(waits[at + 1]).toBeGreaterThanOrEqual(longest / 2)
      expect(waits[at + 1]).toBeLessThanOrEqual(longest)
    }
    expect(await ended(child)).toMatchObject({ code: 'escalated', cause: { message: 'broken' } })
    expect(await waiting).toMatchObject({ code: 'stopped', ran: 'no' })
    expect(r.dispatcher.info().terminated.at(-1)).toMatchObject({ reason: { code: 'escalated' } })
  })

  test.each<ChildOptions>([{ restart: { max: 0 } }, { decide: () => 'escalate' }])(
    'too often ends it after its onStop: %o',
    async (options) => {
      await using r = realm()
      const pages: string[] = []
      class Slow extends Child {
        override async onStop(): Promise<void> {
          await new Promise((resolve) => r.clock.setTimer(() => resolve(undefined), 4_000))
          super.onStop()
        }
      }
      const child = await r.dispatcher.spawn(Slow, { args: ['c', pages], ...options })
      await outcome(child.fail())
      const ending = ended(child)
      expect(await outcome(child.add())).toMatchObject({ code: 'stopped', ran: 'no' })
      await r.clock.advance(4_000)
      expect(await ending).toMatchObject({ code: 'escalated', cause: { message: 'failed' } })
      expect(pages).toEqual(['c started', 'c stopped'])
    },
  )

  test('that is slower than the window goes on', async () => {
    await using r = realm()
    const child = await r.dispatcher.spawn(Child, { restart: { max: 2, within: 1_000 } })
    for (let n = 0; n < 10; n++) {
      await outcome(child.fail())
      await r.clock.advance(600)
    }
    expect(await info(child)).toMatchObject({ restarts: 10, state: 'running' })
  })

  test('a stop while it waits for its next attempt is the end', async () => {
    await using r = realm()
    let broken = false
    const child = await r.dispatcher.spawn(Child, {
      args: ['c', [], () => broken],
      restart: { backoff: 60_000, longest: 60_000 },
    })
    broken = true
    await outcome(child.fail())
    await r.clock.advance(10)
    const waiting = outcome(child.add())
    await stop(child)
    expect(await waiting).toMatchObject({ code: 'stopped', ran: 'no' })
    expect(r.clock.timers).toBe(0)
  })

  test('escalates to a parent that is supervised: it restarts, with new children', async () => {
    await using r = realm()
    const pages: string[] = []
    const parent = await r.dispatcher.spawn(Parent, { args: [pages], restart: 'transient' })
    const child = await parent.raise('child', { restart: { max: 0 } })
    await outcome(child.fail())
    expect(await ended(child)).toMatchObject({ code: 'escalated' })
    expect(await parent.count()).toBe(0)
    expect(pages.filter((page) => page === 'parent started')).toHaveLength(2)
  })

  test('leaves a parent without an opinion alone, unless the decision is to escalate', async () => {
    await using r = realm()
    const parent = await r.dispatcher.spawn(Parent)
    await outcome((await parent.raise('one', { restart: { max: 0 } })).fail())
    await r.clock.advance(0)
    expect(await parent.count()).toBe(0)
    const two = await parent.raise('two', { decide: () => 'escalate' })
    await outcome(two.fail())
    expect(await ended(parent)).toMatchObject({ code: 'escalated' })
  })
})

describe('a strategy', () => {
  test.each([
    ['one-for-one', ['b stopped', 'b started'], [2, 1, 2]],
    ['one-for-all', ['c stopped', 'b stopped', 'a stopped', 'a started', 'b started', 'c started'], [1, 1, 1]],
    ['rest-for-one', ['c stopped', 'b stopped', 'b started', 'c started'], [2, 1, 1]],
  ] as const)('%s restarts whom it says, the youngest stops first', async (strategy, happened, counts) => {
    await using r = realm()
    const pages: string[] = []
    const parent = await r.dispatcher.spawn(Parent, { args: [pages], strategy })
    const children = []
    for (const name of ['a', 'b', 'c']) children.push(await parent.raise(name, { restart: 'transient' }))
    for (const child of children) await child.add()
    pages.length = 0
    await outcome(children[1]!.fail())
    const after = await Promise.all(children.map((child) => child.add()))
    expect(pages).toEqual(happened)
    expect(after).toEqual(counts)
  })

  test('restarts a group once at a time: who fails meanwhile is taken along, or is next', async () => {
    await using r = realm()
    const pages: string[] = []
    const [stopping, failing, starting] = [gate(), gate(), gate()]
    class Sibling extends Child {
      override async onStart(): Promise<void> {
        super.onStart()
        if (this.title === 'b' && pages.includes('b stopped')) await starting.opened
        pages.push(`${this.title} up`)
      }
      override async onStop(): Promise<void> {
        super.onStop()
        await stopping.opened
      }
      async failThen(): Promise<never> {
        await failing.opened
        throw new Error('failed, too')
      }
    }
    class Family extends Parent {
      async have(title: string): Promise<Proxy<Sibling>> {
        return this.context.spawn(Sibling, { args: [title, pages], restart: { backoff: 0 } })
      }
    }
    const family = await r.dispatcher.spawn(Family, { strategy: 'one-for-all' })
    const [a, b, c] = [await family.have('a'), await family.have('b'), await family.have('c')]
    pages.length = 0
    const second = outcome(b.failThen())
    await outcome(a.fail())
    await expect.poll(() => pages).toEqual(['c stopped'])
    failing.open()
    expect(await second).toMatchObject({ message: 'failed, too' })
    stopping.open()
    await outcome(a.fail())
    starting.open()
    const round = ['c stopped', 'b stopped', 'a stopped', 'a started', 'a up', 'b started', 'b up', 'c started', 'c up']
    await expect.poll(() => pages).toEqual([...round, ...round])
    expect(await Promise.all([a, b, c].map(async (child) => (await info(child)).incarnation))).toEqual([3, 3, 3])
  })
})

describe('children', () => {
  test('stop with a restart of their parent, but for those that are kept, which onStart gets back', async () => {
    await using r = realm()
    const kids: Proxy<Child>[] = []
    class Keeper extends Actor {
      override async onStart(): Promise<void> {
        kids.push(await this.context.spawn(Child, { name: 'kept', keep: true }))
        kids.push(await this.context.spawn(Child, { name: 'lost' }))
      }
      fail(): never {
        throw new Error('failed')
      }
      ok(): boolean {
        return true
      }
    }
    const keeper = await r.dispatcher.spawn(Keeper, { restart: 'transient' })
    for (const kid of kids) await kid.add()
    await outcome(keeper.fail())
    await keeper.ok()
    expect(await Promise.all(kids.slice(2).map((kid) => kid.add()))).toEqual([2, 1])
    expect(await kids[0]!.add()).toBe(3)
    await stop(keeper)
    expect(await isAlive(kids[0]!)).toBe(false)
  })
})

test('restarting tells of itself, and error codes are typed', async () => {
  await using r = realm()
  const events: unknown[] = []
  r.dispatcher.on('restarted', ({ path }, error) => events.push([path, (error as ActorError).message]))
  const child = await r.dispatcher.spawn(Child, { name: 'c', restart: 'transient' })
  await outcome(child.fail('why'))
  await child.add()
  expect(events).toEqual([['/c', 'why']])
})

test.each([{ max: '5' }, { max: NaN }, { within: -1 }, { backoff: {} }, { longest: null }])(
  'a restart of %j is malformed',
  async (restart) => {
    await using dispatcher = new Dispatcher()
    class Plain extends Actor {}
    const spawned = dispatcher.spawn(Plain, { restart: restart as never })
    await expect(spawned).rejects.toMatchObject({ code: 'malformed' })
    await expect(dispatcher.spawn(Plain, { retries: 0.5 })).rejects.toMatchObject({ code: 'malformed' })
  },
)
