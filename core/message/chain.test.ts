import { single } from '../serving/listening.js'
import { describe, expect, test } from 'vitest'
import { Actor, ask, Dispatcher, isAlive, kill, type Peer, type Proxy, stop, tell } from '../index.js'
import { pair, type PairOptions } from '../transport/pair.js'
import { linkedPair, virtualClock } from '../testing/index.js'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

class Node extends Actor {
  #gaveUp = 0
  /** Calls the next one, and that one the next, to the end of the list. */
  async pass(...rest: Proxy<Node>[]): Promise<string> {
    const [next, ...others] = rest
    return next ? this.context.ask(next).pass(...others) : 'end'
  }
  /** The same, after an await. */
  async passLater(next: Proxy<Node>, ...rest: Proxy<Node>[]): Promise<string> {
    await undefined
    return this.context.ask(next).pass(...rest)
  }
  /** A plain call, before any await. */
  passPlainly(next: Proxy<Node>, ...rest: Proxy<Node>[]): Promise<string> {
    return next.pass(...rest)
  }
  forward(next: Proxy<Node>, last: Proxy<Node>): void {
    tell(next).pass(last)
  }
  /** Leaves its call alone. */
  start(next: Proxy<Node>, ...rest: Proxy<Node>[]): { done: Promise<unknown> } | true {
    void outcome(next.pass(...rest))
    return true
  }
  hang(...rest: Proxy<Node>[]): Promise<void> {
    const { signal } = this.context
    const [next, ...others] = rest
    if (next) return next.hang(...others) as Promise<void>
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        this.#gaveUp++
        reject(new Error('gave up'))
      }),
    )
  }
  async left(...rest: Proxy<Node>[]): Promise<number> {
    const [next, ...others] = rest
    return next ? this.context.ask(next).left(...others) : this.context.deadline
  }
  gaveUp(): number {
    return this.#gaveUp
  }
}

class Reentrant extends Node {
  static readonly reentrant = true
}

class Caller extends Node {
  invoke(fn: () => unknown): Promise<unknown> {
    return fn() as Promise<unknown>
  }
  async invokeLater(fn: () => unknown): Promise<unknown> {
    await undefined
    return fn()
  }
  async *calling(other: Proxy<Caller>): AsyncGenerator<string, void, undefined> {
    yield 'first'
    yield other.pass()
  }
  async read(from: Proxy<Caller>, other: Proxy<Caller>): Promise<number> {
    let read = 0
    for await (const _ of from.calling(other)) read++
    return read
  }
}

/** Calls another actor while it starts. */
class Early extends Actor {
  constructor(readonly other: Proxy<Node>) {
    super()
  }
  override async onStart(): Promise<void> {
    await this.other.pass()
  }
}

/** Calls another actor before it ends. */
class Late extends Early {
  override async onStart(): Promise<void> {}
  override async onStop(): Promise<void> {
    ends.push(await outcome(this.other.pass()))
  }
}
const ends: unknown[] = []

const actors = { Node, Reentrant, Early, Late }

/** One realm, or three in a row that are linked. */
async function three(options?: PairOptions) {
  const dispatchers = ['a', 'b', 'c'].map((id) => new Dispatcher({ id, log: () => {} }))
  const [a, b, c] = dispatchers as [Dispatcher, Dispatcher, Dispatcher]
  for (const [from, to] of [
    [a, b],
    [b, c],
  ] as const) {
    const [near, far] = pair(options)
    await to.listen(single(far), { actors })
    await from.connect(near)
  }
  return {
    a,
    b,
    c,
    [Symbol.asyncDispose]: async () => void (await Promise.all(dispatchers.map((one) => one.close({ mode: 'kill' })))),
  }
}

describe('a call that would wait for itself', () => {
  test('is rejected at once with the names in the cycle: to itself, over two, over three', async () => {
    await using dispatcher = new Dispatcher()
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => dispatcher.spawn(Node, { name })))
    expect(await outcome(a!.pass(a!))).toMatchObject({ code: 'cycle', message: expect.stringContaining('/a → /a') })
    expect(await outcome(a!.pass(b!, a!))).toMatchObject({
      code: 'cycle',
      message: expect.stringContaining('/a → /b → /a'),
    })
    const over = await outcome(a!.passLater(b!, c!, b!))
    expect(over).toMatchObject({ code: 'cycle', message: expect.stringContaining('/b → /c → /b') })
    expect(await outcome(a!.passPlainly(b!, a!))).toMatchObject({ code: 'cycle' })
    expect(await a!.pass(b!, c!)).toBe('end')
  })

  test('is rejected over realms too, by the realm that is waited for', async () => {
    await using r = await three()
    const a = await r.a.spawn(Node, { name: 'one' })
    const b = await r.b.spawn(Node, { name: 'two' })
    const c = await r.c.spawn(Node, { name: 'three' })
    const [farB, farC] = [(await r.a.lookup<Node>('two'))!, (await r.a.lookup<Node>('three'))!]
    const error = await outcome(a.pass(farB, farC, a))
    expect(error).toMatchObject({ code: 'cycle', message: expect.stringContaining('/one → /two → /three → /one') })
    expect(await a.pass(farB, farC)).toBe('end')
    expect([await b.gaveUp(), await c.gaveUp()]).toEqual([0, 0])
  })

  test('is known over a link that is not trusted, and not what the others are called', async () => {
    await using r = await three({ trusted: false })
    const mine = await r.a.spawn(Node, { name: 'mine' })
    await r.b.spawn(Node, { name: 'secret' })
    const theirs = (await r.a.lookup<Node>('secret'))!
    expect(await outcome(mine.pass(theirs, mine))).toMatchObject({
      code: 'cycle',
      message: expect.stringContaining('/mine → … → /mine'),
    })
  })

  test('is no cycle when the handler has ended, or when nobody waits', async () => {
    await using dispatcher = new Dispatcher()
    const [a, b] = await Promise.all([1, 2].map(() => dispatcher.spawn(Node)))
    expect(await a!.start(b!, a!)).toBe(true)
    await a!.forward(b!, a!)
    expect(await b!.pass(a!)).toBe('end')
  })

  test('is known where functions and streams are called over a link, also after an await', async () => {
    await using r = await three()
    const far = await r.b.spawn(Caller, { name: 'far' })
    const near = (await r.a.lookup<Caller>('far'))!
    const path = expect.stringContaining('/far → /far')
    expect(await outcome(near.invoke(() => near.pass()))).toMatchObject({ code: 'cycle', message: path })
    expect(await outcome(near.invokeLater(() => near.pass()))).toMatchObject({ code: 'cycle', message: path })
    const mine = await r.a.spawn(Caller, { name: 'mine' })
    expect(await outcome(mine.read(near, mine))).toMatchObject({
      code: 'cycle',
      message: expect.stringContaining('/mine → /far → /mine'),
    })
    expect(await far.pass()).toBe('end')
  })

  test('is known where one actor reads a stream of another, here and over a link', async () => {
    await using r = await three()
    const mine = await r.a.spawn(Caller, { name: 'mine' })
    await r.b.spawn(Caller, { name: 'far' })
    for (const other of [await r.a.spawn(Caller), (await r.a.lookup<Caller>('far'))!])
      expect(await outcome(mine.read(other, mine))).toMatchObject({ code: 'cycle' })
  })

  test('is handled over a link by an actor that opted in', async () => {
    await using r = await three()
    await r.b.spawn(
      class extends Caller {
        static readonly reentrant = true
      },
      { name: 'far' },
    )
    const near = (await r.a.lookup<Caller>('far'))!
    expect(await near.invoke(() => near.pass())).toBe('end')
    expect(await near.invokeLater(() => near.pass())).toBe('end')
  })

  test('is handled at once by an actor that opted in', async () => {
    await using dispatcher = new Dispatcher()
    const [a, b] = [await dispatcher.spawn(Reentrant), await dispatcher.spawn(Node)]
    expect(await a.pass(a)).toBe('end')
    expect(await a.pass(b, a)).toBe('end')
  })
})

describe('a wait for a start or an end', () => {
  const log = (): void => {}

  class Parent extends Actor {
    child: Proxy<Actor> | undefined
    async spawn(Child: typeof Asker): Promise<void> {
      await undefined
      this.child = await this.context.spawn(Child, { name: 'child' })
    }
    endChild(): Promise<void> {
      return stop(this.child!)
    }
    hello(): string {
      return 'hello'
    }
    callChild(): Promise<string> {
      return (this.child as Proxy<Asker>).endParent() as Promise<string>
    }
  }

  class Asker extends Actor {
    #hello(): Promise<unknown> {
      return this.context.ask(this.context.parent as Proxy<Parent>).hello()
    }
    greet(): Promise<unknown> {
      return this.#hello()
    }
    async endParent(): Promise<string> {
      await stop(this.context.parent!)
      return 'said before the end'
    }
  }

  class EarlyAsker extends Asker {
    override async onStart(): Promise<void> {
      await this.greet()
    }
  }

  test('is in the chain of onStart: a child cannot ask the parent that is spawning it', async () => {
    await using dispatcher = new Dispatcher({ log })
    const parent = await dispatcher.spawn(Parent, { name: 'parent' })
    expect(await outcome(parent.spawn(EarlyAsker))).toMatchObject({
      code: 'start-failed',
      cause: { code: 'cycle', message: expect.stringContaining('/parent → /parent/child → /parent') },
    })
    expect(await parent.hello()).toBe('hello')
  })

  test('is in the chain of onStop: a child cannot ask the parent that is stopping it', async () => {
    const asked: unknown[] = []
    class LateAsker extends Asker {
      override async onStop(): Promise<void> {
        asked.push(await outcome(this.greet()))
      }
    }
    await using dispatcher = new Dispatcher({ log })
    const parent = await dispatcher.spawn(Parent, { name: 'parent' })
    await parent.spawn(LateAsker)
    await parent.endChild()
    expect(asked).toMatchObject([
      { code: 'cycle', message: expect.stringContaining('/parent → /parent/child → /parent') },
    ])
  })

  test('is in the chain over a link: an actor that is spawned or stopped from there cannot ask the one that waits', async () => {
    await using r = await three()
    const peer = r.a.peers[0] as Peer<typeof actors>
    class Maker extends Node {
      make(): Promise<unknown> {
        return peer.spawn('Early', { args: [this.context.self] })
      }
      async prepare(): Promise<void> {
        this.#late = await peer.spawn('Late', { args: [this.context.self] })
      }
      end(): Promise<void> {
        return stop(this.#late!)
      }
      #late: Proxy<Late> | undefined
    }
    const maker = await r.a.spawn(Maker, { name: 'maker' })
    expect(await outcome(maker.make())).toMatchObject({
      code: 'start-failed',
      cause: { code: 'cycle', message: expect.stringContaining('/maker → ') },
    })
    await maker.prepare()
    await maker.end()
    expect(ends).toMatchObject([{ code: 'cycle' }])
  })

  test('is none for a handler that the end waits for: that comes behind it', async () => {
    await using dispatcher = new Dispatcher({ log })
    for (const call of ['of the parent', 'of the child'] as const) {
      const parent = await dispatcher.spawn(Parent)
      await parent.spawn(Asker)
      const child = (await dispatcher.lookup<Asker>('child'))!
      expect(await (call === 'of the parent' ? parent.callChild() : child.endParent())).toBe('said before the end')
      await stop(parent)
      expect(await isAlive(child)).toBe(false)
    }
  })

  test('that nobody can know of ends with the timeout of the stop', async () => {
    const clock = virtualClock()
    class Late extends Actor {
      async bye(): Promise<void> {
        await undefined
        await stop(this.context.self)
      }
    }
    class NeverUp extends Late {
      override onStart(): Promise<void> {
        return this.bye()
      }
    }
    const dispatcher = new Dispatcher({ env: clock, log })
    const bye = outcome((await dispatcher.spawn(Late)).bye())
    const spawned = outcome(dispatcher.spawn(NeverUp))
    await clock.advance(30_000)
    expect(await bye).toMatchObject({ code: 'stopped', ran: 'maybe' })
    expect(await spawned).toMatchObject({ code: 'stopped' })
    await dispatcher.close()
    expect(clock.timers).toBe(0)
  })
})

describe('an abort', () => {
  test('reaches the handlers in the second and third realm', async () => {
    await using r = await three()
    const first = await r.a.spawn(Node)
    await r.b.spawn(Node, { name: 'two' })
    await r.c.spawn(Node, { name: 'three' })
    const [two, third] = [(await r.a.lookup<Node>('two'))!, (await r.a.lookup<Node>('three'))!]
    const controller = new AbortController()
    const call = outcome(ask(first, { signal: controller.signal }).hang(two, third))
    expect(await third.gaveUp()).toBe(0)
    controller.abort()
    expect(await call).toMatchObject({ code: 'aborted', ran: 'maybe' })
    await expect.poll(() => third.gaveUp()).toBe(1)
  })

  test('by deadline too, of which the remaining time crosses', async () => {
    const clock = virtualClock()
    const [one, two] = [new Dispatcher({ env: clock, log: () => {} }), new Dispatcher({ env: clock, log: () => {} })]
    const [near, far] = pair()
    await two.listen(single(far))
    await one.connect(near)
    await two.spawn(Node, { name: 'far' })
    const [mine, theirs] = [await one.spawn(Node), (await one.lookup<Node>('far'))!]
    expect(
      await ask(mine, { timeout: 500 })
        .left(theirs, mine)
        .catch(() => 'cycle'),
    ).toBe('cycle')
    expect(await ask(mine, { timeout: 500 }).left(theirs)).toBe(500)
    const call = outcome(ask(mine, { timeout: 100 }).hang(theirs))
    await clock.advance(150)
    expect(await call).toMatchObject({ code: 'timeout' })
    expect(await theirs.gaveUp()).toBe(1)
    await one.close()
    await two.close()
    expect(clock.timers).toBe(0)
  })
})

describe('static timeout', () => {
  test('is the deadline of calls that state none', async () => {
    const clock = virtualClock()
    class Hasty extends Node {
      static readonly timeout = 200
    }
    const dispatcher = new Dispatcher({ env: clock })
    const hasty = await dispatcher.spawn(Hasty)
    expect(await hasty.left()).toBe(200)
    expect(await ask(hasty, { timeout: 900 }).left()).toBe(900)
    const call = outcome(hasty.hang())
    await clock.advance(210)
    expect(await call).toMatchObject({ code: 'timeout', ran: 'maybe' })
    await dispatcher.close()
  })
})

describe('static timeout, over a link', () => {
  class Hasty extends Node {
    static readonly timeout = 200
    deaf(): Promise<void> {
      return new Promise(() => {})
    }
  }
  test.each([true, false])('is the deadline of calls that state none: trusted %s', async (trusted) => {
    const clock = virtualClock()
    const realms = await linkedPair({ actors: { Hasty }, trusted, authorize: () => true, dispatcher: { env: clock } })
    const hasty = await realms.peer.spawn('Hasty')
    expect(await hasty.left()).toBe(200)
    expect(await ask(hasty, { timeout: 900 }).left()).toBe(900)
    const calls = [hasty.hang(), ask(hasty, { timeout: 900 }).left()].map(outcome)
    await clock.advance(210)
    expect(await calls[0]).toMatchObject({ code: 'timeout', ran: 'maybe' })
    // The handler heard of it by its signal, and made room.
    expect(await calls[1]).toBe(700)
    const deaf = outcome(hasty.deaf())
    await clock.advance(210)
    expect(await deaf).toMatchObject({ code: 'timeout', ran: 'maybe' })
    await kill(hasty)
    await realms.close()
    expect(clock.timers).toBe(0)
  })
})

describe('static concurrency', () => {
  test.each([1, 3, Infinity])('lets %s handlers be under way at a time', async (concurrency) => {
    let running = 0
    let peak = 0
    const gates: (() => void)[] = []
    class Busy extends Actor {
      static readonly concurrency = concurrency
      async work(): Promise<number> {
        peak = Math.max(peak, ++running)
        await new Promise<void>((resolve) => gates.push(resolve))
        return running--
      }
    }
    await using dispatcher = new Dispatcher()
    const busy = await dispatcher.spawn(Busy)
    const calls = Array.from({ length: 10 }, () => busy.work())
    const all = Promise.all(calls)
    let over = false
    void all.then(() => (over = true))
    while (!over) {
      gates.shift()?.()
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    expect(peak).toBe(Math.min(concurrency, 10))
  })

  test('refuses a call that waits for a place which only those have who wait for it', async () => {
    class Two extends Actor {
      static readonly concurrency = 2
      async descend(levels: number): Promise<number> {
        return levels === 0 ? 0 : 1 + (await this.context.ask(this.context.self as Proxy<Two>).descend(levels - 1))
      }
    }
    class Early extends Two {
      override async onStart(): Promise<void> {
        await this.descend(1)
      }
    }
    await using dispatcher = new Dispatcher()
    const two = await dispatcher.spawn(Two)
    expect(await two.descend(1)).toBe(1)
    expect(await outcome(two.descend(2))).toMatchObject({ code: 'cycle' })
    expect(await two.descend(0)).toBe(0)
    expect(await outcome(dispatcher.spawn(Early))).toMatchObject({ code: 'start-failed', cause: { code: 'cycle' } })
  })
})
