import { actor } from './actor/plain.js'
import { describe, expect, test, vi } from 'vitest'
import {
  Actor,
  address,
  ask,
  Dispatcher,
  ended,
  kill,
  ping,
  type Proxy,
  reference,
  same,
  stop,
  tell,
  transfer,
} from './index.js'
import { returning } from './peers/returning.js'
import { linkedPair, virtualClock } from './testing/index.js'

class Counter extends Actor {
  #count: number
  constructor(start = 0) {
    super()
    this.#count = start
  }
  increment(by = 1): number {
    return (this.#count += by)
  }
}

/** Remembers what happened to it, outside of itself. */
class Diary extends Actor {
  constructor(
    readonly pages: string[],
    readonly name = 'diary',
  ) {
    super()
  }
  override onStart(): void {
    this.pages.push(`${this.name} started`)
  }
  override onStop(reason: unknown): void {
    this.pages.push(`${this.name} stopped: ${String(reason)}`)
  }
  write(line: string): void {
    this.pages.push(line)
  }
  async wait(until: Promise<void>): Promise<void> {
    await until
  }
  async child(name: string): Promise<void> {
    await this.context.spawn(Diary, { name, args: [this.pages, name] })
  }
  family(): { parent: string | undefined; children: string[] } {
    const { parent, children } = this.context
    return { parent: parent && address(parent).path, children: children.map((kid) => address(kid).path) }
  }
}

const deferred = (): { promise: Promise<void>; resolve: () => void } => {
  let resolve!: () => void
  return { promise: new Promise((done) => (resolve = done)), resolve }
}

describe('spawn', () => {
  test('resolves after onStart, and messages wait for it', async () => {
    const pages: string[] = []
    class Slow extends Diary {
      override async onStart(): Promise<void> {
        await undefined
        super.onStart()
      }
    }
    await using dispatcher = new Dispatcher()
    const spawning = dispatcher.spawn(Slow, { name: 'slow', args: [pages] })
    const early = dispatcher.lookup<Slow>('slow').then((slow) => slow!.write('early'))
    await Promise.all([spawning, early])
    expect(pages).toEqual(['diary started', 'early'])
  })

  test('rejects if the constructor or onStart throws, and leaves nothing behind', async () => {
    class BadConstructor {
      constructor() {
        throw new TypeError('constructor')
      }
    }
    class BadStart extends Actor {
      override onStart(): void {
        throw new TypeError('start')
      }
    }
    await using dispatcher = new Dispatcher()
    for (const Bad of [BadConstructor, BadStart]) {
      const spawning = dispatcher.spawn(actor(Bad), { name: 'bad' })
      await expect(spawning).rejects.toMatchObject({ code: 'start-failed', cause: expect.any(TypeError) })
    }
    expect(dispatcher.info()).toMatchObject({ actors: [], names: [] })
  })

  test('refuses a taken id or name, and of two racers exactly one wins', async () => {
    await using dispatcher = new Dispatcher()
    const racers = await Promise.allSettled([1, 2].map(() => dispatcher.spawn(Counter, { id: 'x', name: 'y' })))
    expect(racers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(dispatcher.spawn(Counter, { id: 'x' })).rejects.toMatchObject({ code: 'id-in-use' })
    await expect(dispatcher.spawn(Counter, { name: 'y' })).rejects.toMatchObject({ code: 'name-taken' })
    await expect(dispatcher.spawn(Counter, { name: 'x' })).rejects.toMatchObject({ code: 'name-taken' })
    await expect(dispatcher.spawn(Counter, { id: 'y' })).rejects.toMatchObject({ code: 'id-in-use' })
    for (const name of ['', 'a/b', 'x'.repeat(256), 7 as never]) {
      await expect(dispatcher.spawn(Counter, { name })).rejects.toMatchObject({ code: 'malformed' })
    }
  })

  test('takes any class, with inherited methods', async () => {
    class Base {
      base(): string {
        return 'base'
      }
    }
    class Derived extends Base {
      derived(): string {
        return `derived of ${this.base()}`
      }
    }
    await using dispatcher = new Dispatcher()
    const derived = await dispatcher.spawn(actor(Derived))
    expect(await derived.derived()).toBe('derived of base')
    expect(await derived.base()).toBe('base')
  })

  test('gives no context in the constructor, and all of it afterwards', async () => {
    class Early extends Actor {
      readonly failed: unknown
      constructor() {
        super()
        try {
          void this.context
        } catch (error) {
          this.failed = error
        }
      }
      error(): unknown {
        return this.failed
      }
    }
    await using dispatcher = new Dispatcher()
    expect(await (await dispatcher.spawn(Early)).error()).toMatchObject({ code: 'not-found' })
  })
})

describe('an address', () => {
  test('has id, name, path, kind and realm', async () => {
    await using dispatcher = new Dispatcher({ id: 'here' })
    const named = await dispatcher.spawn(Counter, { id: 'id', name: 'name' })
    expect(address(named)).toEqual({ id: 'id', name: 'name', path: '/name', kind: 'Counter', realm: 'here' })
    const bare = await dispatcher.spawn(Counter)
    expect(address(bare)).toMatchObject({ name: undefined, path: `/${address(bare).id}` })
  })

  test('is found by name, path and id; an unknown one is undefined', async () => {
    await using dispatcher = new Dispatcher()
    const parent = await dispatcher.spawn(Diary, { name: 'parent', args: [[]] })
    await parent.child('child')
    for (const where of ['child', '/parent/child']) {
      const child = await dispatcher.lookup<Diary>(where)
      expect(await child!.family()).toEqual({ parent: '/parent', children: [] })
    }
    expect(await parent.family()).toEqual({ parent: undefined, children: ['/parent/child'] })
    expect(same((await dispatcher.lookup(address(parent).id))!, parent)).toBe(true)
    for (const where of ['nobody', '/nobody', '/child', '/parent/nobody', ''])
      expect(await dispatcher.lookup(where)).toBeUndefined()
  })

  test('may have further names, given and taken back', async () => {
    await using dispatcher = new Dispatcher()
    const counter = await dispatcher.spawn(Counter)
    dispatcher.register('alias', counter)
    expect(same((await dispatcher.lookup('alias'))!, counter)).toBe(true)
    expect(() => dispatcher.register('alias', counter)).toThrow(expect.objectContaining({ code: 'name-taken' }))
    expect(dispatcher.unregister('alias')).toBe(true)
    expect(dispatcher.unregister('alias')).toBe(false)
    expect(await dispatcher.lookup('alias')).toBeUndefined()
  })
})

describe('stop', () => {
  test('drains the mailbox by default, and twice gives the same end', async () => {
    const pages: string[] = []
    await using dispatcher = new Dispatcher()
    const diary = await dispatcher.spawn(Diary, { args: [pages] })
    tell(diary).write('before')
    const first = stop(diary, { reason: 'enough' })
    const late = diary.write('after')
    await expect(late).rejects.toMatchObject({ code: 'stopped', ran: 'no' })
    await Promise.all([first, stop(diary)])
    expect(pages).toEqual(['diary started', 'before', 'diary stopped: enough'])
  })

  test('now refuses what waits, and finishes what runs', async () => {
    const pages: string[] = []
    const gate = deferred()
    await using dispatcher = new Dispatcher()
    const diary = await dispatcher.spawn(Diary, { args: [pages] })
    const running = diary.wait(gate.promise)
    const waiting = diary.write('never')
    await Promise.resolve()
    const stopping = stop(diary, { mode: 'now' })
    await expect(waiting).rejects.toMatchObject({ code: 'stopped', ran: 'no' })
    gate.resolve()
    await Promise.all([running, stopping])
    expect(pages.at(-1)).toBe('diary stopped: stopped')
  })

  test('kill waits for nothing', async () => {
    const pages: string[] = []
    await using dispatcher = new Dispatcher()
    const diary = await dispatcher.spawn(Diary, { args: [pages] })
    const running = diary.wait(new Promise(() => {}))
    const waiting = diary.write('never')
    await Promise.resolve()
    await kill(diary)
    await expect(running).rejects.toMatchObject({ code: 'stopped', ran: 'maybe' })
    await expect(waiting).rejects.toMatchObject({ code: 'stopped', ran: 'no' })
    expect(pages).toEqual(['diary started'])
    await expect(ping(diary)).rejects.toMatchObject({ code: 'stopped' })
  })

  test('kills after its timeout what does not end', async () => {
    const clock = virtualClock()
    const dispatcher = new Dispatcher({ env: clock })
    const diary = await dispatcher.spawn(Diary, { args: [[]] })
    const running = diary.wait(new Promise(() => {})).catch((error: unknown) => error)
    await Promise.resolve()
    const stopping = stop(diary, { timeout: 100 })
    await clock.advance(99)
    expect(dispatcher.info().actors).toHaveLength(1)
    await clock.advance(1)
    await stopping
    expect(await running).toMatchObject({ code: 'stopped', ran: 'maybe' })
    expect(clock.timers).toBe(0)
  })

  test('stops children first', async () => {
    const pages: string[] = []
    await using dispatcher = new Dispatcher()
    const parent = await dispatcher.spawn(Diary, { args: [pages, 'parent'] })
    await parent.child('child')
    await stop(parent)
    expect(pages.slice(2)).toEqual(['child stopped: stopped', 'parent stopped: stopped'])
    expect(dispatcher.info()).toMatchObject({ actors: [], names: [] })
  })

  test('comes with the owner, not with a borrower', async () => {
    await using dispatcher = new Dispatcher()
    let borrowed
    {
      await using owner = await dispatcher.spawn(Counter, { name: 'owned' })
      {
        await using borrower = (await dispatcher.lookup<Counter>('owned'))!
        borrowed = borrower
        expect(borrower).not.toBe(owner)
      }
      expect(await owner.increment()).toBe(1)
    }
    await expect(borrowed.increment()).rejects.toMatchObject({ code: 'stopped' })
  })
})

describe('a message', () => {
  test('is handled after the one before it has ended', async () => {
    class Slow extends Actor {
      #running = 0
      async step(): Promise<number> {
        const running = ++this.#running
        await undefined
        await undefined
        this.#running--
        return running
      }
    }
    await using dispatcher = new Dispatcher()
    const slow = await dispatcher.spawn(Slow)
    expect(await Promise.all([1, 2, 3].map(() => slow.step()))).toEqual([1, 1, 1])
  })

  test('whose error nobody awaits goes to the log, never to unhandledRejection', async () => {
    class Failing extends Actor {
      fail(): never {
        throw new Error('unheard')
      }
    }
    const log = vi.fn()
    await using dispatcher = new Dispatcher({ log })
    const failing = await dispatcher.spawn(Failing)
    tell(failing).fail()
    await expect(failing.fail()).rejects.toThrow('unheard')
    expect(log).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ level: 'error', error: expect.objectContaining({ message: 'unheard' }) }),
    )
  })

  test('inherits deadline and sender from the message being handled', async () => {
    const clock = virtualClock()
    class Inner extends Actor {
      left(): number {
        return this.context.deadline
      }
      hang(): Promise<void> {
        return new Promise((_, reject) =>
          this.context.signal.addEventListener('abort', () => reject(this.context.signal.reason)),
        )
      }
    }
    class Outer extends Actor {
      async inherited(): Promise<number> {
        const inner = (await this.context.dispatcher.lookup<Inner>('inner'))!
        return this.context.ask(inner).left()
      }
    }
    const dispatcher = new Dispatcher({ env: clock })
    const inner = await dispatcher.spawn(Inner, { name: 'inner' })
    const outer = await dispatcher.spawn(Outer)
    expect(await inner.left()).toBe(Infinity)
    expect(await ask(outer, { timeout: 500 }).inherited()).toBe(500)
    const hanging = ask(inner, { timeout: 50 })
      .hang()
      .catch((error: unknown) => error)
    await clock.advance(60)
    expect(await hanging).toMatchObject({ code: 'timeout', ran: 'maybe' })
    await dispatcher.close()
    expect(clock.timers).toBe(0)
  })

  test('cannot starve timers: actors that feed each other let the world have its turn', async () => {
    class Ping extends Actor {
      #on = true
      play(other: Proxy<Ping>): void {
        if (this.#on) tell(other).play(this.context.self)
      }
      end(): void {
        this.#on = false
      }
    }
    await using dispatcher = new Dispatcher()
    const a = await dispatcher.spawn(Ping)
    const b = await dispatcher.spawn(Ping)
    tell(a).play(b)
    await new Promise((resolve) => setTimeout(resolve, 1))
    await a.end()
    await b.end()
  })
})

describe('a dispatcher', () => {
  test('shares nothing with another one', async () => {
    const logs: string[] = []
    await using one = new Dispatcher({ log: () => logs.push('one') })
    await using two = new Dispatcher({ log: () => logs.push('two') })
    await one.spawn(Counter, { name: 'same' })
    await two.spawn(Counter, { name: 'same' })
    await stop((await one.lookup('same'))!)
    expect(await two.lookup('same')).toBeDefined()
    expect(one.id).not.toBe(two.id)
    expect(logs).toEqual([])
  })

  test('tells what happens, also past a listener that throws', async () => {
    const log = vi.fn()
    await using dispatcher = new Dispatcher({ log })
    const events: unknown[] = []
    dispatcher.on('started', () => {
      throw new Error('listener')
    })
    const undo = dispatcher.on('started', ({ path }) => events.push(`started ${path}`))
    dispatcher.on('stopped', ({ path }, reason) => events.push(`stopped ${path} ${String(reason)}`))
    const counter = await dispatcher.spawn(Counter, { name: 'c' })
    undo()
    await dispatcher.spawn(Counter, { name: 'd' })
    await stop(counter, { reason: 'why' })
    expect(events).toEqual(['started /c', 'stopped /c why'])
    expect(log).toHaveBeenCalledTimes(2)
  })

  test('that is closed stops its actors and refuses further work', async () => {
    const pages: string[] = []
    const dispatcher = new Dispatcher()
    const diary = await dispatcher.spawn(Diary, { args: [pages] })
    await Promise.all([dispatcher.close(), dispatcher.close()])
    expect(pages.at(-1)).toBe('diary stopped: the dispatcher closed')
    await expect(diary.write('late')).rejects.toMatchObject({ code: 'stopped' })
    await expect(dispatcher.spawn(Counter)).rejects.toMatchObject({ code: 'stopped' })
  })

  test.each([{ mode: 'kill' as const }, { timeout: 100 }])(
    'that closes and waits for an actor can be closed sooner, with %o',
    async (sooner) => {
      const clock = virtualClock()
      const dispatcher = new Dispatcher({ env: clock, log: () => {} })
      class Busy extends Actor {
        hang(began: () => void): Promise<void> {
          began()
          return new Promise(() => {})
        }
      }
      const busy = await dispatcher.spawn(Busy)
      let hanging: Promise<unknown> | undefined
      await new Promise<void>((began) => {
        hanging = busy.hang(began).catch((error: unknown) => error)
      })
      const closed: string[] = []
      const first = dispatcher.close({ timeout: Infinity }).then(() => closed.push('first'))
      const same = dispatcher.close().then(() => closed.push('same'))
      await clock.advance(10_000)
      expect(closed).toEqual([])
      const last = dispatcher.close(sooner)
      await clock.advance(150)
      await Promise.all([first, same, last])
      expect(await hanging).toMatchObject({ code: 'stopped', ran: 'maybe' })
      expect(clock.timers).toBe(0)
    },
  )

  test('refuses wrong options of close, of a peer as well, and goes on', async () => {
    const { near, peer, close } = await linkedPair()
    const wrong = [{ mode: 'darin' }, { timeout: NaN }, { timeout: -1 }, { timeout: '5' }, null, 5] as never[]
    for (const options of wrong) {
      await expect(near.close(options)).rejects.toMatchObject({ code: 'malformed' })
      await expect(peer.close(options)).rejects.toMatchObject({ code: 'malformed' })
    }
    expect(near.peers).toHaveLength(1)
    const counter = await near.spawn(Counter)
    await expect(ended(counter, { timeout: NaN })).rejects.toMatchObject({ code: 'malformed' })
    await close()
  })

  test('says clearly what it was wrongly given', async () => {
    await using dispatcher = new Dispatcher()
    await expect(dispatcher.spawn('Counter' as unknown as typeof Counter)).rejects.toMatchObject({ code: 'malformed' })
    for (const wrong of [undefined, null, {}, 'text', () => {}]) {
      expect(() => ask(wrong as never)).toThrow(expect.objectContaining({ code: 'malformed' }))
    }
    const counter = await dispatcher.spawn(Counter)
    const wrong: ((any: never) => Promise<unknown>)[] = [
      (any) => dispatcher.lookup(any),
      (any) => dispatcher.lookup('counter', { ttl: any }),
      (any) => dispatcher.connect(any),
      (any) => dispatcher.listen(any),
      (any) => dispatcher.join(any),
      (any) => dispatcher.spawn(Counter, any),
      (any) => dispatcher.spawn(Counter, { args: any }),
      (any) => dispatcher.spawn(Counter, { restart: any }),
      (any) => dispatcher.spawn(Counter, { strategy: any }),
      (any) => dispatcher.spawn(Counter, { decide: any }),
      (any) => dispatcher.spawn(Counter, { retries: any }),
      (any) => stop(counter, any),
      (any) => stop(counter, { mode: any }),
      (any) => stop(counter, { timeout: any }),
      async (any) => ask(counter, { timeout: any }),
      async (any) => ask(counter, { signal: any }),
      async (any) => new Dispatcher({ deadline: any }),
      async (any) => new Dispatcher({ id: any }),
      async (any) => new Dispatcher({ limits: { frame: any } }),
      async (any) => new Dispatcher({ limits: { trusted: { depth: any } } }),
      async (any) => dispatcher.on('started', any),
      async (any) => transfer({}, any),
      async (any) => transfer(any, []),
      async (any) => reference(any),
      async (any) => actor(any),
      async (any) => new Dispatcher(any),
      async (any) => new Dispatcher({ env: any }),
      async (any) => new Dispatcher({ log: any }),
      (any) => dispatcher.connect({ open: vi.fn<never>() }, { unresponsive: (any ?? {}) as never }),
      (any) => dispatcher.connect({ open: vi.fn<never>() }, { unresponsive: { after: any } }),
      (any) => dispatcher.connect({ open: vi.fn<never>(), returns: returning }, { restart: (any ?? 'x') as never }),
      (any) => dispatcher.connect({ open: vi.fn<never>(), returns: returning }, { restart: { max: any } }),
      (any) => dispatcher.spawn(Counter, { mailbox: { put: any } as never }),
      (any) => dispatcher.connect({ open: vi.fn<never>() }, { actors: { Counter, any } }),
    ]
    for (const call of wrong)
      for (const any of [null, NaN, -1, true])
        await expect(call(any as never), String(call)).rejects.toMatchObject({ code: 'malformed' })
    expect(() => new Dispatcher({ limits: { frme: 5 } as object })).toThrow(/limit 'frme'.*frame, depth, nodes/)
    expect(() => actor((() => 1) as never)).toThrow(expect.objectContaining({ code: 'malformed' }))
    for (const proxy of [counter as never]) {
      await expect(dispatcher.connect(proxy)).rejects.toMatchObject({ code: 'malformed' })
      await expect(dispatcher.listen(proxy)).rejects.toMatchObject({ code: 'malformed' })
      expect(() => new Dispatcher(proxy)).toThrow(expect.objectContaining({ code: 'malformed' }))
    }
    expect(await counter.increment()).toBe(1)
  })

  test('rejects with whatever was thrown, and goes on', async () => {
    class Odd {
      sync(): never {
        const { proxy, revoke } = Proxy.revocable({}, {})
        revoke()
        throw proxy
      }
      async later(): Promise<never> {
        return this.sync()
      }
    }
    await using dispatcher = new Dispatcher()
    const odd = await dispatcher.spawn(actor(Odd))
    const counter = await dispatcher.spawn(Counter)
    for (const call of [odd.sync(), odd.later()])
      expect(
        await call.then(
          () => 'done',
          () => 'rejected',
        ),
      ).toBe('rejected')
    expect(await counter.increment()).toBeTypeOf('number')
  })
})
