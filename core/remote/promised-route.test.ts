import { single } from '../serving/listening.js'
import { describe, expect, test } from 'vitest'
import { Actor, ActorError, ask, Dispatcher, type Proxy, read, reference, same, tell, write } from '../index.js'
import { pair, type PairOptions } from '../transport/pair.js'
import type { RealmOptions } from '../realm/realm.js'
import { type VirtualClock, virtualClock } from '../testing/index.js'
import { RawPeer } from '../testing/raw-peer.js'
import { bytes } from '../wire/bytes.js'
import { Op, Part } from '../link/session/op.js'

const untrusted = { codec: bytes, payload: 'bytes', trusted: false } as const
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
/** What became of a call by now. */
const sofar = (promise: Promise<unknown>): Promise<unknown> => Promise.race([outcome(promise), 'on its way'])

/** What reached any of them, in order. */
let heard: unknown[] = []
/** Lets those who hold on go. */
let release: (() => void) | undefined

class Tree extends Actor {
  async child(): Promise<Proxy<Tree>> {
    return this.context.spawn(Tree)
  }
  /** A child, as soon as it is let go. */
  async held(): Promise<Proxy<Tree>> {
    await new Promise<void>((resolve) => (release = resolve))
    return this.child()
  }
  fails(): Proxy<Tree> {
    throw new RangeError('no child')
  }
  /** Fails as soon as it is let go. */
  async failsLater(): Promise<Proxy<Tree>> {
    await this.held()
    return this.fails()
  }
  value(): number {
    heard.push('value')
    return 1
  }
  hear(what: unknown): unknown {
    heard.push(what)
    return what
  }
  hang(): Promise<never> {
    heard.push('hang')
    return new Promise(() => {})
  }
  async echo<T>(value: T): Promise<T> {
    return value
  }
  async oak(): Promise<Proxy<Oak>> {
    return this.context.spawn(Oak)
  }
  itself(): this {
    return this
  }
  notes(): { add(what: unknown): unknown } {
    return reference({ add: (what) => this.hear(what) })
  }
  async *count(to: number): AsyncGenerator<number> {
    for (let n = 1; n <= to; n++) yield n
  }
  async sender(): Promise<Proxy<unknown> | undefined> {
    return this.context.sender
  }
}

class Oak extends Tree {
  static exposed = ['age']
  age = 300
}

/** Milliseconds between two ends. */
const FAR = 50
const TRIP = 2 * FAR

/** Two ends that are far from each other. */
function apart(clock: VirtualClock, options: PairOptions = {}): ReturnType<typeof pair> {
  const ends = pair(options)
  for (const end of ends) {
    const send = end.send.bind(end)
    end.send = (data, transfer) => void clock.setTimer(() => send(data, transfer), FAR)
  }
  return ends
}

async function distant(options: PairOptions & Pick<RealmOptions, 'limits'> = {}) {
  heard = []
  release = undefined
  const { limits, ...ends } = options
  const clock = virtualClock()
  const near = new Dispatcher({ env: clock, log: () => {}, ...(limits && { limits }) })
  const far = new Dispatcher({ env: clock, log: () => {}, ...(limits && { limits }) })
  const [a, b] = apart(clock, ends)
  await far.listen(single(b), { actors: { Tree } })
  const connecting = near.connect<{ Tree: typeof Tree }>(a)
  await clock.advance(1_000)
  const peer = await connecting
  const spawning = peer.spawn('Tree')
  await clock.advance(TRIP)
  const tree = await spawning
  /** The link is gone, without a word. */
  const cut = (): void => {
    for (const end of [a, b]) end.fail(new ActorError('unreachable', 'cut'))
  }
  /** Nothing is left over, and the link works. */
  const clean = async (): Promise<void> => {
    const last = tree.echo('last')
    await clock.advance(TRIP)
    expect(await last).toBe('last')
    for (const side of [near, far]) expect(side.info()).toMatchObject({ deadlines: 0, peers: [{ pending: 0 }] })
    await end()
  }
  const end = async (): Promise<void> => {
    const closing = Promise.all([near.close({ mode: 'kill' }), far.close({ mode: 'kill' })])
    await clock.advance(10_000)
    await closing
    expect(clock.timers).toBe(0)
  }
  return { clock, near, far, peer, tree, cut, clean, end }
}

describe('calls of what a call will bring', () => {
  test('cost one round trip, however many depend on each other', async () => {
    const { clock, tree, clean } = await distant()
    const child = tree.child()
    const value = ask(ask(child).child()).value()
    await clock.advance(TRIP - 1)
    expect(await sofar(value)).toBe('on its way')
    await clock.advance(1)
    expect(await value).toBe(1)
    expect(await (await child).echo).toBeTypeOf('function')
    await clean()
  })

  test.each([{}, untrusted])('follow a spawn and a lookup, too', async (options) => {
    const { clock, peer, clean } = await distant(options)
    const spawned = peer.spawn('Tree', { name: 'oak' })
    const value = ask(spawned).hear('spawned')
    const found = peer.lookup<Tree>('oak') as Promise<Proxy<Tree>>
    const again = ask(ask(found).child()).hear('found')
    await clock.advance(TRIP)
    expect(await Promise.all([value, again])).toEqual(['spawned', 'found'])
    expect(same(await spawned, await found)).toBe(true)
    await clean()
  })

  test('are started in order, before what is sent to the proxy once it is there', async () => {
    const { clock, tree, clean } = await distant()
    const child = tree.child()
    const early = child.then((proxy) => proxy.hear('by a callback that was there before'))
    const calls = [1, 2, 3].map((n) => ask(child).hear(n))
    await clock.advance(TRIP)
    const proxy = await child
    calls.push(proxy.hear(4), ask(child).hear(5), proxy.hear(6), early)
    await clock.advance(TRIP)
    expect(await Promise.all(calls)).toEqual([1, 2, 3, 4, 5, 6, 'by a callback that was there before'])
    expect(heard).toEqual([1, 2, 3, 'by a callback that was there before', 4, 5, 6])
    await clean()
  })

  test('wait there as long as the first one takes', async () => {
    const { clock, tree, clean } = await distant()
    const value = ask(ask(tree.held()).child()).value()
    await clock.advance(1_000)
    expect(await sofar(value)).toBe('on its way')
    release!()
    await clock.advance(FAR)
    expect(await value).toBe(1)
    await clean()
  })

  test('find it when its answer is on its way already', async () => {
    const { clock, tree, clean } = await distant()
    const child = tree.child()
    await clock.advance(TRIP - 1)
    const value = ask(child).value()
    await clock.advance(1)
    await child
    await clock.advance(TRIP - 1)
    expect(await value).toBe(1)
    await clean()
  })

  test('reach streams, the caller’s own actors, and those of other realms', async () => {
    const { clock, near, tree, clean } = await distant()
    const mine = await near.spawn(Tree)
    const home = ask(tree.echo(mine)).hear('mine')
    const seen: number[] = []
    const reading = (async () => {
      for await (const n of ask(tree.child()).count(3)) seen.push(n)
    })()
    await clock.advance(10 * TRIP)
    await reading
    expect(seen).toEqual([1, 2, 3])
    expect(await home).toBe('mine')
    const third = new Dispatcher({ env: clock })
    const [c, d] = apart(clock)
    await third.listen(single(d))
    const connecting = near.connect(c)
    await clock.advance(1_000)
    await connecting
    await third.spawn(Tree, { name: 'elm' })
    const looking = near.lookup<Tree>('elm')
    await clock.advance(TRIP)
    const passed = ask(tree.echo((await looking)!)).hear('theirs')
    await clock.advance(3 * TRIP)
    expect(await passed).toBe('theirs')
    expect(heard).toEqual(['mine', 'theirs'])
    const closing = third.close()
    await clock.advance(TRIP)
    await closing
    await clean()
  })

  test('reach whatever travels as a proxy', async () => {
    const { clock, tree, clean } = await distant()
    const itself = ask(tree.itself() as unknown as Promise<Proxy<Tree>>).hear('itself')
    const notes = tree.notes() as unknown as Promise<Proxy<ReturnType<Tree['notes']>>>
    const noted = ask(notes).add('noted')
    await clock.advance(TRIP)
    expect(await Promise.all([itself, noted])).toEqual(['itself', 'noted'])
    const oak = ask(tree.oak())
    const grown = [read(oak, 'age'), write(oak, 'age', 301), read(oak, 'age')]
    await clock.advance(TRIP)
    expect(await Promise.all(grown)).toEqual([300, undefined, 301])
    await clean()
  })

  test('carry sender, deadline and abort of the message that is handled', async () => {
    class Sender extends Actor {
      async check(tree: Proxy<Tree>): Promise<boolean> {
        const sender = await this.context.ask(tree.child()).sender()
        return sender !== undefined && same(sender, this.context.self)
      }
      async wait(tree: Proxy<Tree>): Promise<unknown> {
        return this.context.ask(this.context.ask(tree).child()).hang()
      }
    }
    const { clock, near, tree, clean } = await distant()
    const sender = await near.spawn(Sender)
    const checked = sender.check(tree)
    await clock.advance(TRIP)
    expect(await checked).toBe(true)
    const waiting = outcome(ask(sender, { timeout: 200 }).wait(tree))
    await clock.advance(208)
    expect(await waiting).toMatchObject({ code: 'timeout', ran: 'maybe' })
    expect(heard).toEqual(['hang'])
    await clean()
  })

  test('are awaited where the peer admits no more calls, and keep their order', async () => {
    const { clock, tree, clean } = await distant({ ...untrusted, limits: { calls: 2 } })
    const child = tree.child()
    const calls = [1, 2, 3, 4].map((n) => ask(child).hear(n))
    calls.push(child.then((proxy) => proxy.hear(5)))
    await clock.advance(10 * TRIP)
    expect(await Promise.all(calls)).toEqual([1, 2, 3, 4, 5])
    expect(heard).toEqual([1, 2, 3, 4, 5])
    await clean()
  })
})

describe('when the first call fails', () => {
  test('all that depend on it fail with its error as cause, and have not run', async () => {
    const { clock, tree, clean } = await distant()
    const failing = tree.fails() as Promise<Proxy<Tree>>
    const child = ask(failing).child()
    const calls = [ask(child).value(), ask(failing).value(), child].map(outcome)
    await clock.advance(TRIP)
    const cause = await outcome(failing)
    expect(cause).toBeInstanceOf(RangeError)
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: 'unreachable', ran: 'no' })
      expect((error as ActorError).cause).toBe(cause)
    }
    expect(await outcome(ask(failing).value())).toMatchObject({ code: 'unreachable', cause })
    expect(heard).toEqual([])
    await clean()
  })

  test('a result that is no proxy is malformed', async () => {
    const { clock, peer, tree, clean } = await distant()
    const results = [undefined, null, 1, 'text', {}, { tree }, [tree], () => 1]
    const calls = results.map((result) => outcome(ask(tree.echo(result) as never as Proxy<Tree>).value()))
    calls.push(outcome(ask(peer.lookup('nobody') as never as Proxy<Tree>).value()))
    await clock.advance(TRIP)
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'malformed', ran: 'no' })
    expect(heard).toEqual([])
    await clean()
  })

  test('thousands that depend on each other fail as one', async () => {
    const { clock, tree, clean } = await distant()
    const failing = [tree.failsLater()]
    while (failing.length < 3_000) failing.push(ask(failing.at(-1)!).child())
    const outcomes = Promise.all(failing.map(outcome))
    // So many are batched, which takes some turns more.
    await clock.advance(2 * TRIP)
    release!()
    await clock.advance(2 * TRIP)
    const [cause, ...errors] = await outcomes
    expect(cause).toBeInstanceOf(RangeError)
    const differ = errors.filter(
      (error) => (error as ActorError).code !== 'unreachable' || (error as ActorError).cause !== cause,
    )
    expect(differ).toHaveLength(0)
    await clean()
  })
})

describe('when the first call is given up', () => {
  test('what depends on it is given up, too, and never runs', async () => {
    const { clock, tree, clean } = await distant()
    const controller = new AbortController()
    const held = ask(tree, { signal: controller.signal }).held()
    const given = [held, ask(held).value(), ask(ask(held).child()).value()].map(outcome)
    await clock.advance(TRIP)
    controller.abort()
    const [cause, ...errors] = await Promise.all(given)
    expect(cause).toMatchObject({ code: 'aborted', ran: 'maybe' })
    for (const error of errors) expect(error).toMatchObject({ code: 'unknown', ran: 'maybe', cause })
    await clock.advance(TRIP)
    release!()
    await clean()
    expect(heard).toEqual([])
  })

  test('by its deadline, or before it left', async () => {
    const { clock, tree, clean } = await distant()
    const held = ask(tree, { timeout: 300 }).held()
    const late = outcome(ask(held).value())
    const never = ask(tree, { signal: AbortSignal.abort() }).child()
    expect(await outcome(ask(never).value())).toMatchObject({ code: 'unreachable', cause: { code: 'aborted' } })
    await clock.advance(TRIP)
    const goes = outcome(ask(held).value())
    await clock.advance(208)
    expect([await late, await goes]).toMatchObject([{ code: 'unknown' }, { cause: { code: 'timeout' } }])
    await clock.advance(FAR)
    release!()
    await clock.advance(TRIP)
    expect(heard).toEqual([])
    await clean()
  })

  test('there before what follows it arrives, that does not run', async () => {
    const { clock, tree, clean } = await distant()
    const controller = new AbortController()
    const held = ask(tree, { signal: controller.signal }).held()
    await clock.advance(TRIP)
    const value = outcome(ask(held).value())
    controller.abort()
    expect(await value).toMatchObject({ code: 'unknown' })
    await clock.advance(FAR)
    release!()
    await clean()
    expect(heard).toEqual([])
  })
})

describe('one that follows', () => {
  test('is withdrawn by its own abort or deadline while it waits, and the first goes on', async () => {
    const { clock, tree, clean } = await distant()
    const controller = new AbortController()
    const held = tree.held()
    const aborted = outcome(ask(held, { signal: controller.signal }).value())
    const late = outcome(ask(held, { timeout: 200 }).value())
    const stays = ask(held).hear('stays')
    await clock.advance(TRIP)
    controller.abort()
    expect(await aborted).toMatchObject({ code: 'aborted' })
    await clock.advance(TRIP + 8)
    expect(await late).toMatchObject({ code: 'timeout' })
    await clock.advance(FAR)
    release!()
    await clock.advance(TRIP)
    expect(await stays).toBe('stays')
    expect(heard).toEqual(['stays'])
    expect(await (await held).echo).toBeTypeOf('function')
    await clean()
  })

  test('has the time that calls to an untrusted peer have', async () => {
    const { clock, tree, clean } = await distant(untrusted)
    const child = tree.child()
    const hanging = outcome(ask(child).hang())
    await clock.advance(29_000)
    expect(await sofar(hanging)).toBe('on its way')
    await clock.advance(2_000)
    expect(await hanging).toMatchObject({ code: 'timeout', ran: 'maybe' })
    await child
    await clock.advance(TRIP)
    await clean()
  })
})

describe('a link that is cut', () => {
  test.each([
    ['before anything arrived', 0, []],
    ['while the first runs', FAR, []],
    ['when the answers are on their way', FAR + 1, ['value']],
  ] as const)('%s leaves all of them unknown', async (_, after, reached) => {
    const { clock, tree, cut, end } = await distant()
    const first = reached.length > 0 ? tree.child() : tree.held()
    const calls = [first, ask(first).value(), ask(ask(first).child()).hang()].map(outcome)
    await clock.advance(after)
    cut()
    await clock.advance(0)
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'unknown', ran: 'maybe' })
    expect(await outcome(ask(first).value())).toMatchObject({ code: 'unreachable', ran: 'no' })
    release?.()
    await clock.advance(TRIP)
    expect(heard).toEqual(reached.length > 0 ? ['value', 'hang'] : [])
    await end()
  })

  test('leaves what the first one had answered as it is', async () => {
    const { clock, tree, cut, end } = await distant()
    const child = tree.child()
    const hanging = outcome(ask(child).hang())
    await clock.advance(TRIP)
    await child
    cut()
    await clock.advance(0)
    expect(await hanging).toMatchObject({ code: 'unknown', ran: 'maybe' })
    expect(await outcome(ask(child).value())).toMatchObject({ code: 'unreachable', ran: 'no' })
    await end()
  })

  test('leaves what waits to leave unreachable', async () => {
    const { clock, tree, cut, end } = await distant({ ...untrusted, limits: { calls: 1 } })
    const held = tree.held()
    const calls = [held, ask(held).value()].map(outcome)
    await clock.advance(TRIP)
    cut()
    await clock.advance(0)
    expect(await Promise.all(calls)).toMatchObject([
      { code: 'unknown', ran: 'maybe' },
      { code: 'unreachable', ran: 'no', cause: { code: 'unknown' } },
    ])
    await end()
  })
})

describe('any other promise', () => {
  test('fails with the error of the first call as its cause, as over a link', async () => {
    await using dispatcher = new Dispatcher({ log: () => {} })
    const tree = await dispatcher.spawn(Tree)
    const first = tree.fails() as Promise<Proxy<Tree>>
    const second = ask(first).child()
    const calls = [second, ask(second).value()].map(outcome)
    const cause = await outcome(first)
    expect(cause).toMatchObject({ name: 'RangeError' })
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'unreachable', ran: 'no', cause })
  })

  test('is awaited first: one that has resolved, one that will, and one of a local call', async () => {
    const { clock, near, tree, clean } = await distant()
    const mine = await near.spawn(Tree)
    const calls = [
      ask(Promise.resolve(tree)).hear(1),
      ask(Promise.resolve(tree)).hear(2),
      ask(near.spawn(Tree)).hear('spawned'),
      ask(ask(mine.child()).child()).hear('grandchild'),
    ]
    await clock.advance(TRIP)
    expect(await Promise.all(calls)).toEqual([1, 2, 'spawned', 'grandchild'])
    const seen: number[] = []
    for await (const n of ask(mine.child()).count(2)) seen.push(n)
    expect(seen).toEqual([1, 2])
    await clean()
  })

  test('that is rejected, or brings no proxy, says so', async () => {
    const cause = new Error('none')
    expect(await outcome(ask(Promise.reject(cause) as Promise<Proxy<Tree>>).value())).toMatchObject({
      code: 'unreachable',
      ran: 'no',
      cause,
    })
    for (const value of [undefined, 1, {}]) {
      const error = await outcome(ask(Promise.resolve(value) as never as Proxy<Tree>).value())
      expect(error).toMatchObject({ code: 'malformed', ran: 'no' })
    }
    expect(() => ask(undefined as never)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })

  test('counts deadline and abort from the call', async () => {
    class Waiter extends Actor {
      async wait(promise: Promise<Proxy<Tree>>): Promise<number> {
        return this.context.ask(promise).value()
      }
    }
    heard = []
    const clock = virtualClock()
    const dispatcher = new Dispatcher({ env: clock })
    const waiter = await dispatcher.spawn(Waiter)
    let come!: (proxy: Proxy<Tree>) => void
    const slow = new Promise<Proxy<Tree>>((resolve) => (come = resolve))
    const controller = new AbortController()
    const handled = outcome(ask(waiter, { timeout: 100 }).wait(slow))
    const aborted = outcome(ask(slow, { signal: controller.signal }).value())
    const late = outcome(ask(slow, { timeout: 1 }).value())
    controller.abort()
    await clock.advance(104)
    expect(await handled).toMatchObject({ code: 'timeout' })
    expect(await aborted).toMatchObject({ code: 'aborted', ran: 'no' })
    expect(await late).toMatchObject({ code: 'timeout', ran: 'no' })
    const hanging = outcome(ask(slow, { timeout: 1_000 }).hang())
    come(await dispatcher.spawn(Tree))
    await clock.advance(990)
    expect(await sofar(hanging)).toBe('on its way')
    await clock.advance(20)
    expect(await hanging).toMatchObject({ code: 'timeout', ran: 'maybe' })
    expect(heard).toEqual(['hang'])
    await dispatcher.close({ mode: 'kill' })
    expect(clock.timers).toBe(0)
  })
})

describe('what is asked of a promise', () => {
  test('can be told and handed on, and is the actor once it is there', async () => {
    const { clock, tree, clean } = await distant()
    const child = tree.child()
    const promised = ask(child)
    tell(promised).hear('told')
    const sum = promised.hear('asked')
    await clock.advance(2 * TRIP)
    expect(await sum).toBe('asked')
    expect(heard).toEqual(['told', 'asked'])
    expect(same(promised, await child)).toBe(true)
    await clean()
  })
})

describe('a peer that speaks by hand', () => {
  const raw = async () => {
    heard = []
    const dispatcher = new Dispatcher({ log: () => {} })
    const [a, b] = pair(untrusted)
    await dispatcher.listen(single(b), { actors: { Tree } })
    const peer = new RawPeer(a)
    await peer.shakeHands()
    const close = async (): Promise<void> => {
      peer.close()
      await dispatcher.close()
    }
    return { peer, tree: await peer.spawn('Tree'), close }
  }
  const follow = Op.Call | Part.Follows

  test('reaches what a slot brought until it takes the slot again', async () => {
    const { peer, tree, close } = await raw()
    peer.call(1, tree, 'child')
    expect((await peer.reply(1)).value).toMatchObject({ index: 1 })
    peer.send(follow, 2, 1, 'hear', 1, 'late')
    expect((await peer.reply(2)).value).toBe('late')
    peer.call(1, tree, 'value')
    await peer.reply(1)
    peer.send(follow, 2, 1, 'hear', 1, 'never')
    expect((await peer.reply(2)).value).toMatchObject({ code: 'unreachable' })
    expect(heard).toEqual(['late', 'value'])
    await close()
  })

  test('gets an answer for what follows itself, or nothing', async () => {
    const { peer, close } = await raw()
    for (const slot of [3, 4, 1_000_000, 2 ** 40]) {
      peer.send(follow, 3, slot, 'hear', 1, 'never')
      expect((await peer.reply(3)).value).toMatchObject({ code: 'unreachable', ran: 'no' })
    }
    expect(heard).toEqual([])
    await close()
  })

  test('may not let one-way messages wait', async () => {
    const { peer, close } = await raw()
    peer.send(Op.Tell | Part.Follows, 0, 'hear', 1, 'never')
    expect(await peer.closed).toMatchObject({ code: 'protocol' })
    await close()
  })
})
