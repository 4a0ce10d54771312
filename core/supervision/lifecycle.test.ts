import { actor } from '../actor/plain.js'
import { describe, expect, test, vi } from 'vitest'
import {
  Actor,
  ActorError,
  address,
  ask,
  Dispatcher,
  ended,
  info,
  isAlive,
  kill,
  linkFates,
  monitor,
  ping,
  type Proxy,
  read,
  resume,
  stop,
  suspend,
  tell,
} from '../index.js'
import { linkedPair, virtualClock } from '../testing/index.js'
import { type State, TRANSITIONS } from './state.js'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

/** Remembers what happened to it, outside of itself. */
class Diary extends Actor {
  constructor(
    readonly pages: string[] = [],
    readonly title = 'diary',
  ) {
    super()
  }
  override async onStart(): Promise<void> {
    await undefined
    this.pages.push(`${this.title} started`)
  }
  override onStop(reason: unknown): void {
    this.pages.push(`${this.title} stopped: ${String(reason)}`)
  }
  override onRestart(error: unknown): void {
    this.pages.push(`${this.title} restarted: ${(error as Error).message}`)
  }
  write(line: string): number {
    return this.pages.push(line)
  }
  fail(text = 'failed'): never {
    throw new Error(text)
  }
  hang(): Promise<void> {
    return new Promise((resolve) => this.context.signal.addEventListener('abort', () => resolve()))
  }
  deaf(): Promise<void> {
    return new Promise(() => {})
  }
  async child(title: string): Promise<Proxy<Diary>> {
    return this.context.spawn(Diary, { name: title, args: [this.pages, title] })
  }
  leave(): void {
    this.context.stop()
  }
}

describe('the life of an actor', () => {
  test('goes by the documented states only, each change told', async () => {
    const dispatcher = new Dispatcher({ log: () => {} })
    const changes: [State, State][] = []
    dispatcher.on('state', (_, state, before) => changes.push([before, state]))
    const actor = await dispatcher.spawn(Diary, { restart: 'transient' })
    await outcome(actor.fail())
    await actor.write('back')
    await suspend(actor)
    await resume(actor)
    await stop(actor)
    await kill(await dispatcher.spawn(Diary))
    expect(changes.map((change) => change.join(' → '))).toEqual([
      'initial → starting',
      'starting → running',
      'running → starting',
      'starting → running',
      'running → suspended',
      'suspended → running',
      'running → stopping',
      'stopping → closed',
      'initial → starting',
      'starting → running',
      'running → terminated',
    ])
    for (const [before, state] of changes) expect(TRANSITIONS[before]).toContain(state)
    await dispatcher.close()
  })

  test('starts before it runs, with or without onStart', async () => {
    await using dispatcher = new Dispatcher()
    const changes: string[] = []
    dispatcher.on('state', (_, state) => changes.push(state))
    await dispatcher.spawn(class extends Actor {})
    expect(changes).toEqual(['starting', 'running'])
  })

  test('begins with onStart, once for each incarnation, before any message', async () => {
    const pages: string[] = []
    await using dispatcher = new Dispatcher({ log: () => {} })
    const spawning = dispatcher.spawn(Diary, { name: 'd', args: [pages], restart: 'transient' })
    tell((await dispatcher.lookup<Diary>('d'))!).write('early')
    const actor = await spawning
    await outcome(actor.fail('once'))
    await actor.write('late')
    expect(pages).toEqual([
      'diary started',
      'early',
      'diary stopped: Error: once',
      'diary restarted: once',
      'diary started',
      'late',
    ])
  })

  test('ends with onStop, which gets the reason, children first', async () => {
    const pages: string[] = []
    await using dispatcher = new Dispatcher()
    const actor = await dispatcher.spawn(Diary, { args: [pages, 'parent'] })
    const child = await actor.child('child')
    await child.child('grandchild')
    await stop(actor, { reason: 'enough' })
    expect(pages.slice(3)).toEqual(['grandchild stopped: enough', 'child stopped: enough', 'parent stopped: enough'])
  })

  test('double stop gives the same end, and within its own handler nobody waits for it', async () => {
    class Quitter extends Diary {
      async quit(): Promise<string> {
        await stop(this.context.self)
        return 'said before the end'
      }
    }
    await using dispatcher = new Dispatcher()
    const actor = await dispatcher.spawn(Quitter)
    expect(await actor.quit()).toBe('said before the end')
    await Promise.all([stop(actor), stop(actor)])
    expect(await isAlive(actor)).toBe(false)
  })

  test('an error in onStop goes to the log and to onSettled, and the actor ends all the same', async () => {
    const logged: unknown[] = []
    const settled: unknown[] = []
    class Bad extends Actor {
      override onStop(): never {
        throw new Error('cannot')
      }
      override onSettled(message: { method: string }, result: unknown): void {
        settled.push([message.method, result])
      }
    }
    await using dispatcher = new Dispatcher({ log: ({ error }) => logged.push((error as Error).message) })
    await stop(await dispatcher.spawn(Bad))
    expect(logged).toEqual(['cannot'])
    expect(settled).toEqual([['onStop', { ok: false, error: new Error('cannot') }]])
  })

  test('is remembered: the last 100 that ended, with their reasons', async () => {
    await using dispatcher = new Dispatcher()
    for (let n = 0; n < 105; n++) await stop(await dispatcher.spawn(actor(Actorless), { name: `n${n}` }), { reason: n })
    const { terminated } = dispatcher.info()
    expect(terminated).toHaveLength(100)
    expect(terminated.at(-1)).toMatchObject({ address: { name: 'n104' }, reason: 104 })
    expect(terminated[0]).toMatchObject({ address: { name: 'n5' } })
  })

  test.each([
    ['stop', stop],
    ['kill', kill],
    ['close', (_: unknown, dispatcher: Dispatcher) => dispatcher.close()],
    ['close at once', (_: unknown, dispatcher: Dispatcher) => dispatcher.close({ mode: 'kill' })],
  ] as const)('a %s while it starts rejects the spawn with stopped', async (_, end) => {
    let up = (): void => {}
    class Slow extends Actor {
      override onStart(): Promise<void> {
        return new Promise((resolve) => (up = resolve))
      }
    }
    await using dispatcher = new Dispatcher({ log: () => {} })
    const spawned = outcome(dispatcher.spawn(Slow, { name: 'slow' }))
    const ended = end((await dispatcher.lookup<Slow>('slow'))!, dispatcher)
    up()
    await ended
    expect(await spawned).toMatchObject({ code: 'stopped', ran: 'maybe' })
    expect(dispatcher.info().actors).toEqual([])
  })

  test('circular creation ends typed, 64 deep', async () => {
    class Nest extends Actor {
      override async onStart(): Promise<void> {
        await this.context.spawn(Nest)
      }
    }
    await using dispatcher = new Dispatcher({ log: () => {} })
    let error = (await outcome(dispatcher.spawn(Nest))) as ActorError
    expect(error.code).toBe('start-failed')
    while (error.cause) error = error.cause as ActorError
    expect(error).toMatchObject({ code: 'quota', message: expect.stringContaining('64') })
    expect(dispatcher.info().actors).toEqual([])
  })
})

class Actorless {
  one(): number {
    return 1
  }
}

describe('suspend and resume', () => {
  test('what is sent to a suspended actor waits, in order, and it still answers about itself', async () => {
    const pages: string[] = []
    await using dispatcher = new Dispatcher()
    const actor = await dispatcher.spawn(Diary, { args: [pages] })
    await suspend(actor)
    tell(actor).write('one')
    const two = actor.write('two')
    await ping(actor)
    expect(await info(actor)).toMatchObject({ state: 'suspended', mailbox: 2, handled: 0 })
    expect(pages).toEqual(['diary started'])
    await resume(actor)
    await resume(actor)
    await two
    expect(pages.slice(1)).toEqual(['one', 'two'])
  })

  test('a restart does not wake it, nor does its parent', async () => {
    await using dispatcher = new Dispatcher({ log: () => {} })
    const parent = await dispatcher.spawn(Parent, { strategy: 'one-for-all' })
    const [asleep, failing] = [await parent.raise('asleep'), await parent.raise('failing')]
    await suspend(asleep)
    const call = asleep.write('waits')
    await outcome(failing.fail())
    await failing.write('back')
    expect(await info(asleep)).toMatchObject({ state: 'suspended', incarnation: 2, mailbox: 1 })
    await resume(asleep)
    await call
    expect(await info(asleep)).toMatchObject({ state: 'running' })
  })

  test('a resume while it is restarted wakes it, alone and in a group', async () => {
    await using dispatcher = new Dispatcher({ log: () => {} })
    const parent = await dispatcher.spawn(Parent, { strategy: 'one-for-all' })
    const alone = await dispatcher.spawn(Diary, { restart: 'transient' })
    for (const actor of [alone, await parent.raise('child')]) {
      for (const last of [resume, suspend]) {
        await suspend(actor)
        const call = actor.write('waits')
        await Promise.all([kill(actor), resume(actor), last(actor)])
        await expect.poll(async () => (await info(actor)).state).toBe(last === resume ? 'running' : 'suspended')
        await resume(actor)
        await call
      }
      expect(await info(actor)).toMatchObject({ state: 'running', incarnation: 3 })
    }
  })

  test('a start that fails late rejects the resume as it would have the spawn', async () => {
    class Reluctant extends Actor {
      override shouldStart(): boolean {
        return false
      }
      override onStart(): never {
        throw new Error('not today')
      }
    }
    await using dispatcher = new Dispatcher()
    const actor = await dispatcher.spawn(Reluctant)
    expect(await outcome(resume(actor))).toMatchObject({ code: 'start-failed', cause: { message: 'not today' } })
    expect(await isAlive(actor)).toBe(false)
  })

  test('shouldStart leaves an actor suspended before it starts, until somebody resumes it', async () => {
    const pages: string[] = []
    class Shy extends Diary {
      override shouldStart(): boolean {
        return false
      }
    }
    await using dispatcher = new Dispatcher()
    const actor = await dispatcher.spawn(Shy, { args: [pages] })
    const call = actor.write('hello')
    expect(await info(actor)).toMatchObject({ state: 'suspended' })
    expect(pages).toEqual([])
    await resume(actor)
    await call
    expect(pages).toEqual(['diary started', 'hello'])
  })

  test('a suspended actor can be stopped: what waits never runs', async () => {
    await using dispatcher = new Dispatcher()
    const actor = await dispatcher.spawn(Diary)
    await suspend(actor)
    const call = outcome(actor.write('never'))
    await stop(actor)
    expect(await call).toMatchObject({ code: 'stopped', ran: 'no' })
    expect(await outcome(suspend(actor))).toMatchObject({ code: 'stopped' })
  })
})

class Parent extends Actor {
  async raise(name: string): Promise<Proxy<Diary>> {
    return this.context.spawn(Diary, { name, args: [[], name], restart: 'transient' })
  }
}

describe('a death watch', () => {
  test('tells the reason once the actor has ended, here and over a link', async () => {
    const { peer, close } = await linkedPair({ actors: { Diary } })
    await using dispatcher = new Dispatcher()
    for (const where of [dispatcher.spawn(Diary), peer.spawn('Diary')]) {
      const actor = await where
      const watch = monitor(actor)
      const [end, late] = [ended(actor), ended(actor, { timeout: 20 })]
      expect(await outcome(late)).toMatchObject({ code: 'timeout' })
      await stop(actor, { reason: { why: 'because' } })
      expect(await watch.down).toEqual({ why: 'because' })
      expect(await end).toEqual({ why: 'because' })
      expect(await ended(actor)).toBeDefined()
    }
    await close()
  })

  test('comes after what was sent before it', async () => {
    const { peer, close } = await linkedPair({ actors: { Diary } })
    const actor = await peer.spawn('Diary')
    const order: string[] = []
    void monitor(actor).down.then(() => order.push('down'))
    void actor.write('a').then(() => order.push('a'))
    void actor.write('b').then(() => order.push('b'))
    await stop(actor)
    await ended(actor)
    expect(order).toEqual(['a', 'b', 'down'])
    await close()
  })

  test('tells of a realm that is out of reach', async () => {
    const { near, far, peer } = await linkedPair({ actors: { Diary } })
    const watch = monitor(await peer.spawn('Diary'))
    await far.close({ mode: 'kill' })
    expect(String(await watch.down)).toContain('the dispatcher closed')
    await near.close()
  })

  test('links two fates: when one ends the other is stopped, with the same reason', async () => {
    const { near, peer, close } = await linkedPair({ actors: { Diary } })
    for (const first of [0, 1]) {
      const pair = [await near.spawn(Diary), await peer.spawn('Diary')]
      linkFates(pair[0]!, pair[1]!)
      await stop(pair[first]!, { reason: 'together' })
      expect(await ended(pair[1 - first]!)).toBe('together')
    }
    await close()
  })
})

describe('info', () => {
  test('tells all there is, also of a busy actor and over a link', async () => {
    class Told extends Diary {
      override onInfo(): unknown {
        return { pages: this.pages.length }
      }
    }
    const { far, peer, close } = await linkedPair({ actors: { Told } })
    const actor = await peer.spawn('Told', { name: 'told', restart: 'transient' })
    await actor.write('x')
    await outcome(actor.fail())
    const busy = outcome(actor.deaf())
    const waiting = outcome(actor.write('y'))
    // A handler may begin in a task of its own.
    await vi.waitFor(async () => expect((await info(actor)).mailbox).toBe(1))
    const told = await info(actor)
    expect(told).toMatchObject({
      name: 'told',
      id: address(actor).id,
      kind: 'Told',
      state: 'running',
      incarnation: 2,
      mailbox: 1,
      handled: 2,
      restarts: 1,
      realm: far.id,
      extra: { pages: 2 },
    })
    expect(told.methods).toEqual(['write', 'fail', 'hang', 'deaf', 'child', 'leave'])
    expect(told.uptime).toBeGreaterThanOrEqual(0)
    expect(told.delay).toBeGreaterThanOrEqual(0)
    expect(told.memory === undefined || told.memory > 1_000_000).toBe(true)
    await kill(actor)
    await close({ mode: 'kill' })
    await Promise.all([busy, waiting])
  })

  test('and everything else that controls belongs to those who may', async () => {
    const untrusted = { trusted: false } as const
    const { far, peer, close } = await linkedPair({ ...untrusted, actors: { Diary } })
    await far.spawn(Diary, { name: 'theirs' })
    const theirs = (await peer.lookup<Diary>('theirs'))!
    for (const act of [stop, kill, suspend, resume, info]) {
      expect(await outcome(act(theirs))).toMatchObject({ code: 'unauthorized' })
    }
    await ping(theirs)
    expect(await isAlive(theirs)).toBe(true)
    expect(await outcome(peer.info())).toMatchObject({ code: 'unauthorized' })
    const mine = await peer.spawn('Diary')
    await suspend(mine)
    expect(await info(mine)).toMatchObject({ state: 'suspended' })
    await close()
  })
})

describe('a stop resolves', () => {
  class Lock extends Actor {
    static readonly concurrency = Infinity
    readonly #waiting: (() => void)[] = []
    #isHeld = false
    async acquire(): Promise<void> {
      if (this.#isHeld) await new Promise<void>((resolve) => this.#waiting.push(resolve))
      this.#isHeld = true
    }
    release(): void {
      this.#isHeld = false
      this.#waiting.shift()?.()
    }
  }

  test('once a message that comes while it drains has freed the handlers that wait for it', async () => {
    await using dispatcher = new Dispatcher()
    const lock = await dispatcher.spawn(Lock)
    await lock.acquire()
    const waiter = lock.acquire()
    await isAlive(lock)
    const stopped = stop(lock)
    await lock.release()
    await waiter
    await stopped
    expect(await outcome(lock.acquire())).toMatchObject({ code: 'stopped', ran: 'no' })
  })

  test('once a message has freed a handler that had not begun when it was to stop', async () => {
    await using dispatcher = new Dispatcher()
    const lock = await dispatcher.spawn(Lock)
    await lock.acquire()
    const waiter = lock.acquire()
    const stopped = stop(lock)
    const released = lock.release()
    await Promise.all([waiter, released, stopped])
    expect(await outcome(lock.acquire())).toMatchObject({ code: 'stopped', ran: 'no' })
  })

  test('after 30 s in which nothing that had come was done, whatever comes meanwhile', async () => {
    const clock = virtualClock()
    const dispatcher = new Dispatcher({ env: clock })
    const lock = await dispatcher.spawn(Lock)
    await lock.acquire()
    const waiter = outcome(lock.acquire())
    await isAlive(lock)
    const stopped = stop(lock)
    const late: Promise<unknown>[] = []
    for (let second = 0; second < 60; second++) {
      late.push(outcome(lock.acquire()))
      await clock.advance(1_000)
    }
    await stopped
    expect(await waiter).toMatchObject({ code: 'stopped', ran: 'maybe' })
    await Promise.all(late)
    await dispatcher.close()
    expect(clock.timers).toBe(0)
  })

  test('as late as it must, where messages are done one after the other', async () => {
    const clock = virtualClock()
    class Slow extends Actor {
      async work(): Promise<string> {
        await new Promise<void>((resolve) => clock.setTimer(resolve, 20_000))
        return 'done'
      }
    }
    const dispatcher = new Dispatcher({ env: clock })
    const slow = await dispatcher.spawn(Slow)
    const work = [slow.work(), slow.work(), slow.work(), slow.work()]
    const stopped = stop(slow)
    await clock.advance(80_000)
    expect(await Promise.all(work)).toEqual(['done', 'done', 'done', 'done'])
    await stopped
    await dispatcher.close()
    expect(clock.timers).toBe(0)
  })

  test('with what was to be tried again refused, where only the message at hand is finished', async () => {
    const gates: (() => void)[] = []
    class Flaky extends Actor {
      async fail(): Promise<never> {
        await new Promise<void>((resolve) => gates.push(resolve))
        throw new Error('flaky')
      }
    }
    await using dispatcher = new Dispatcher({ log: () => {} })
    const flaky = await dispatcher.spawn(Flaky, { retries: 1_000 })
    const running = outcome(flaky.fail())
    await expect.poll(() => gates).toHaveLength(1)
    const stopped = stop(flaky, { mode: 'now' })
    gates[0]!()
    expect(await running).toMatchObject({ message: 'flaky' })
    await stopped

    const waiting = await dispatcher.spawn(Flaky, { retries: 1_000 })
    const call = outcome(waiting.fail())
    await expect.poll(() => gates).toHaveLength(2)
    await suspend(waiting)
    gates[1]!()
    await isAlive(waiting)
    await stop(waiting, { mode: 'now' })
    expect(await call).toMatchObject({ code: 'stopped', ran: 'maybe' })
  })

  test('within the 5 s of a dispatcher that closes, also where its timeout is undefined', async () => {
    const clock = virtualClock()
    const dispatcher = new Dispatcher({ env: clock })
    const call = outcome((await dispatcher.spawn(Diary)).deaf())
    await clock.advance(0)
    const closed = dispatcher.close({ timeout: undefined } as never)
    await clock.advance(5_000)
    await closed
    expect(await call).toMatchObject({ code: 'stopped' })
  })
})

describe('onSettled', () => {
  test('hears of each message once, success or failure', async () => {
    const heard: unknown[] = []
    class Settler extends Actor {
      add(a: number, b: number): number {
        return a + b
      }
      async fail(): Promise<never> {
        throw new Error('no')
      }
      override onSettled({ method, args }: { method: string; args: readonly unknown[] }, result: unknown): void {
        heard.push([method, args, result])
      }
    }
    await using dispatcher = new Dispatcher({ log: () => {} })
    const actor = await dispatcher.spawn(Settler)
    await actor.add(1, 2)
    tell(actor).add(3, 4)
    await outcome(actor.fail())
    expect(heard).toEqual([
      ['add', [1, 2], { ok: true, value: 3 }],
      ['add', [3, 4], { ok: true, value: 7 }],
      ['fail', [], { ok: false, error: new Error('no') }],
    ])
  })

  test('hears nothing of what is refused, which is not handled', async () => {
    const heard: string[] = []
    class Settler extends Actor {
      hi(): string {
        return 'hi'
      }
      override onSettled({ method }: { method: string }): void {
        heard.push(method)
      }
    }
    await using dispatcher = new Dispatcher({ log: () => {} })
    const actor = await dispatcher.spawn(Settler)
    const refused = (actor as unknown as { nope(): Promise<void> }).nope()
    expect(await outcome(refused)).toMatchObject({ code: 'not-exposed', ran: 'no' })
    expect(await outcome(read(actor, 'hidden' as never))).toMatchObject({ code: 'not-exposed', ran: 'no' })
    expect(await info(actor)).toMatchObject({ handled: 0 })
    expect(await actor.hi()).toBe('hi')
    expect(await info(actor)).toMatchObject({ handled: 1 })
    expect(heard).toEqual(['hi'])
  })
})

describe('context.every', () => {
  test('runs as messages of the actor, and not while one is waiting', async () => {
    const clock = virtualClock()
    const ticks: number[] = []
    class Ticker extends Actor {
      override onStart(): void {
        this.context.every(100, () => ticks.push(clock.now()))
      }
      hang(): Promise<void> {
        return new Promise((resolve) => this.context.signal.addEventListener('abort', () => resolve()))
      }
    }
    const dispatcher = new Dispatcher({ env: clock })
    const actor = await dispatcher.spawn(Ticker)
    await clock.advance(350)
    expect(ticks).toEqual([100, 200, 300])
    const hanging = outcome(ask(actor, { timeout: 500 }).hang())
    await clock.advance(520)
    expect(await hanging).toMatchObject({ code: 'timeout' })
    expect(ticks).toHaveLength(4)
    await stop(actor)
    await clock.advance(1_000)
    expect(ticks).toHaveLength(4)
    await dispatcher.close()
    expect(clock.timers).toBe(0)
  })
})

describe('what an instance asked of itself', () => {
  test('is not done by the one that takes its place', async () => {
    const clock = virtualClock()
    let made = 0
    const did: string[] = []
    class Ticker extends Actor {
      readonly number = ++made
      begin(): void {
        this.context.every(10, () => did.push(`tick of ${this.number} in ${made}`))
      }
      leave(): void {
        this.context.stop()
      }
      hang(): Promise<void> {
        return new Promise(() => {})
      }
    }
    const dispatcher = new Dispatcher({ env: clock, log: () => {} })
    const actor = await dispatcher.spawn(Ticker, { restart: 'permanent' })
    await actor.begin()
    const leaving = outcome(actor.leave())
    const hanging = outcome(actor.hang())
    await leaving
    await clock.advance(15)
    // The tick waits in the mailbox, behind the call that hangs.
    await kill(actor)
    await clock.advance(100)
    await hanging
    expect(did).toEqual([])
    expect(made).toBe(2)
    await dispatcher.close()
  })
})

test.each([0, -1, NaN, undefined, '5', 1n, Symbol('5')])('every refuses %o as a time', async (ms) => {
  class Ticker extends Actor {
    tick(): void {
      this.context.every(ms as number, () => {})
    }
  }
  await using dispatcher = new Dispatcher()
  const ticker = await dispatcher.spawn(Ticker)
  expect(await outcome(ticker.tick())).toMatchObject({ code: 'malformed' })
})

describe('the context of an instance that is gone', () => {
  test('gives nothing to the one that took its place', async () => {
    const ticks: string[] = []
    let goOn!: () => void
    let tried!: (outcomes: unknown[]) => void
    const outcomes = new Promise<unknown[]>((resolve) => (tried = resolve))
    class Survivor extends Actor {
      async work(): Promise<void> {
        await new Promise<void>((resolve) => (goOn = resolve))
        const every = async (): Promise<unknown> => this.context.every(10, () => ticks.push('tick'))
        const spawned = outcome(this.context.spawn(Diary))
        this.context.stop()
        tried([await outcome(every()), await spawned])
      }
      async children(): Promise<number> {
        return this.context.children.length
      }
    }
    const clock = virtualClock()
    const dispatcher = new Dispatcher({ env: clock, log: () => {} })
    const actor = await dispatcher.spawn(Survivor, { restart: 'transient' })
    const call = outcome(actor.work())
    await isAlive(actor)
    await kill(actor)
    expect(await call).toMatchObject({ code: 'stopped' })
    expect(await actor.children()).toBe(0)
    goOn()
    expect(await outcomes).toMatchObject([{ code: 'stopped' }, { code: 'stopped' }])
    await clock.advance(100)
    expect(await actor.children()).toBe(0)
    expect(ticks).toEqual([])
    await dispatcher.close()
    expect(clock.timers).toBe(0)
  })

  test('starts no work for an actor that ended', async () => {
    const clock = virtualClock()
    const dispatcher = new Dispatcher({ env: clock })
    let late!: () => unknown
    class Ticker extends Actor {
      override onStart(): void {
        const { context } = this
        late = () => context.every(10, () => {})
      }
    }
    await stop(await dispatcher.spawn(Ticker))
    expect(late).toThrow(expect.objectContaining({ code: 'stopped' }))
    await dispatcher.close()
    expect(clock.timers).toBe(0)
  })
})

describe('spawning', () => {
  test('a listener may change the options, and the actor sees them', async () => {
    await using dispatcher = new Dispatcher()
    dispatcher.on('spawning', (spawning) => {
      spawning.options = { ...spawning.options, args: [['changed'], 'title'] }
    })
    const actor = await dispatcher.spawn(Diary)
    expect(await actor.write('x')).toBe(3)
  })
})

describe('run', () => {
  test('calls only functions that the host registered, with enough arguments', async () => {
    const refuse = (): never => {
      throw new ActorError('quota', 'another call was refused')
    }
    const functions = { add: (a: number, b: number) => a + b, refuse, later: async () => refuse() }
    const [near, far] = [new Dispatcher(), new Dispatcher()]
    const { memory } = await import('../../adapters/transports/memory.js')
    const [one, two] = memory()
    await far.listen(two, { functions })
    const peer = await near.connect(one)
    expect(await peer.run('add', 1, 2)).toBe(3)
    expect(await outcome(peer.run('toString'))).toMatchObject({ code: 'not-found', ran: 'no' })
    expect(await outcome(peer.run('add', 1))).toMatchObject({ code: 'malformed', ran: 'no' })
    expect(await outcome(peer.run('refuse'))).toMatchObject({ code: 'quota', ran: 'maybe' })
    expect(await outcome(peer.run('later'))).toMatchObject({ code: 'quota', ran: 'maybe' })
    expect(await peer.info()).toMatchObject({ id: far.id, root: '/' })
    await near.close()
    await far.close()
  })
})
