import { durable, memoryStore } from '../durable/index.js'
import { describe, expect, test } from 'vitest'
import {
  Actor,
  ActorError,
  actor,
  type Actors,
  Dispatcher,
  info,
  isAlive,
  kill,
  type Mail,
  monitor,
  ping,
  type Proxy,
  reference,
  stop,
  transfer,
} from '../index.js'
import { single } from '../serving/listening.js'
import { virtualClock } from '../testing/index.js'
import { bytes } from '../wire/bytes.js'
import { pair, type PairEnd, type PairOptions } from '../transport/pair.js'
import { movable, move } from './index.js'

/** What handlers and hooks did, in any realm. */
let happened: string[] = []

class Ledger extends Actor {
  static movable = movable('Ledger')
  #items: unknown[] = []
  #release = (): void => {}
  override onStop(reason: unknown): void {
    happened.push(reason === 'moved' ? 'moved' : 'stopped')
  }
  override snapshot(): unknown {
    return this.#items
  }
  override restore(items: unknown[]): void {
    this.#items = [...items]
  }
  add(item: unknown): number {
    happened.push(String(item))
    return this.#items.push(item)
  }
  items(): unknown[] {
    return this.#items
  }
  async hold(): Promise<void> {
    await new Promise<void>((resolve) => (this.#release = resolve))
  }
  release(): void {
    this.#release()
  }
  *all(): Generator<unknown> {
    yield* this.#items
  }
  async bear(): Promise<Proxy<Ledger>> {
    return this.context.spawn(Ledger)
  }
}
const actors = { Ledger }

async function two(offered: Actors = actors, options: PairOptions = {}, more: { names?: string[] } = {}) {
  happened = []
  const [a, b] = ['a', 'b'].map((id) => new Dispatcher({ id, log: () => {} })) as [Dispatcher, Dispatcher]
  const ends = pair(options)
  await b.listen(single(ends[1]), { actors: offered, authorize: () => true, ...more })
  const peer = await a.connect(ends[0], { actors })
  const cut = (): void => ends.forEach((end) => end.fail(new ActorError('unreachable', 'cut')))
  const close = async (): Promise<void> => {
    await Promise.all([a.close(), b.close()])
    expect([a, b].map((realm) => realm.info().deadlines)).toEqual([0, 0])
  }
  return { a, b, peer, ends, cut, [Symbol.asyncDispose]: close }
}

/** What is ready runs. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

/** The actor is where it was, as it was, and nothing is left of it at the other end. */
async function stays(ledger: Proxy<Ledger>, { a, b }: { a: Dispatcher; b: Dispatcher }): Promise<void> {
  const { length } = await ledger.items()
  expect(await ledger.add('more')).toBe(length + 1)
  expect(await info(ledger)).toMatchObject({ realm: 'a', state: 'running' })
  expect(happened).not.toContain('moved')
  // What was made of it there stops by itself.
  while (b.info().actors.length > 0) await turn()
  expect(b.info().names).toEqual([])
  expect(a.info().actors).toHaveLength(1)
}

describe('an actor stays where it is', () => {
  const code = (proxy: Proxy<unknown>, peer: { readonly id: string }, timeout?: number): Promise<unknown> =>
    move(proxy, peer, timeout === undefined ? {} : { timeout }).then(
      () => 'moved',
      (error: ActorError) => error.code,
    )

  test.each<[string, string, Actors]>([
    ['is not offered there', 'not-found', { Other: Ledger }],
    ['is offered by a realm that knows no moves', 'not-found', { Ledger: actor(class Ledger {}) }],
    ['cannot be moved there', 'not-movable', { Ledger: actor(class Ledger {}), Other: Ledger }],
    [
      'has a constructor that throws there',
      'start-failed',
      {
        Ledger: class extends Ledger {
          constructor() {
            super()
            throw new Error('no')
          }
        },
      },
    ],
    [
      'has a restore that throws there',
      'start-failed',
      {
        Ledger: class extends Ledger {
          override restore(): never {
            throw new Error('no')
          }
        },
      },
    ],
    [
      'has an onStart that throws there',
      'start-failed',
      {
        Ledger: class extends Ledger {
          override onStart(): never {
            throw new ActorError('timeout', 'of its own')
          }
        },
      },
    ],
  ])('if its class %s', async (_, expected, offered) => {
    await using r = await two(offered)
    const ledger = await r.a.spawn(Ledger, { name: 'ledger' })
    await ledger.add('first')
    const waits = [ledger.add('second')]
    const moving = code(ledger, r.peer)
    waits.push(ledger.add('third'))
    expect(await moving).toBe(expected)
    expect(await Promise.all(waits)).toEqual([2, 3])
    await stays(ledger, r)
  })

  test('if it may not be spawned there, or its name or its id is taken', async () => {
    await using r = await two()
    const ledger = await r.a.spawn(Ledger, { name: 'ledger' })
    const other = await r.b.spawn(Ledger, { name: 'ledger' })
    expect(await code(ledger, r.peer)).toBe('name-taken')
    await stop(other)
    const known = await r.a.spawn(Ledger, { id: 'known' })
    const same = await r.b.spawn(Ledger, { id: 'known' })
    expect(await code(known, r.peer)).toBe('id-in-use')
    await stop(same)
    await stop(known)
    await stays(ledger, r)
  })

  test('if a peer that does not trust it takes no such name or options', async () => {
    await using r = await two(actors, { trusted: false }, { names: ['granted'] })
    const named = await r.a.spawn(Ledger, { name: 'named' })
    expect(await code(named, r.peer)).toBe('unauthorized')
    await stays(named, r)
    await stop(named)
    const known = await r.a.spawn(Ledger, { restart: 'permanent' })
    expect(await code(known, r.peer)).toBe('unauthorized')
    await stays(known, r)
    await stop(known)
    const granted = await r.a.spawn(Ledger, { name: 'granted' })
    expect(await code(granted, r.peer)).toBe('moved')
  })

  test('if its state cannot be taken, cannot be sent, or is too large', async () => {
    let state: unknown
    class Loose extends Ledger {
      static override movable = movable('Loose')
      override snapshot(): unknown {
        if (state === undefined) throw new Error('no')
        return state
      }
    }
    await using r = await two({ Loose }, { trusted: false, payload: 'bytes', codec: bytes })
    const loose = await r.a.spawn(Loose)
    const codes: unknown[] = []
    const states = [undefined, Symbol('s'), { deep: { then: () => {} } }, 'x'.repeat(2 ** 21)]
    for (state of states) codes.push(await code(loose, r.peer))
    expect(codes).toEqual(['not-movable', 'uncloneable', 'uncloneable', 'too-large'])
    const refusal: unknown = await move(loose, r.peer).catch((error: unknown) => error)
    expect((refusal as Error).message).toMatch(/the state or the options of \/\S+: .+/)
    await stays(loose, r)
    state = []
    expect(await code(loose, r.peer)).toBe('moved')
  })

  test('if it has what cannot go along', async () => {
    await using r = await two()
    class Bare extends Actor {
      static movable = movable('Bare')
    }
    class Unsaid extends Actor {
      override snapshot(): unknown {
        return undefined
      }
      override restore(): void {}
    }
    class Durable extends Unsaid {
      static movable = movable('Durable')
      static durable = durable({ store: memoryStore() })
    }
    class Typed extends Ledger {
      constructor(readonly buffer: ArrayBuffer) {
        super()
      }
    }
    const mailbox = { size: 0, put: (mail: Mail): Mail => mail, take: () => undefined }
    const buffer = new ArrayBuffer(8)
    const parent = await r.a.spawn(Ledger)
    const child = await parent.bear()
    const streaming = await r.a.spawn(Ledger)
    await streaming.add('item')
    const stream = streaming.all()[Symbol.asyncIterator]()
    await stream.next()
    const all: [Proxy<unknown>, string][] = [
      [await r.a.spawn(Bare), 'snapshot'],
      [await r.a.spawn(Unsaid), 'movable'],
      [await r.a.spawn(Durable, { name: 'durable' }), 'durable'],
      [await r.a.spawn(Ledger, { mailbox }), 'mailbox'],
      [await r.a.spawn(Typed, { args: [transfer(buffer, [buffer])] }), 'transferred'],
      [parent, 'children'],
      [child, 'parent'],
      [streaming, 'streams'],
    ]
    for (const [proxy, why] of all) {
      const error = (await move(proxy, r.peer).catch((reason: unknown) => reason)) as ActorError
      expect(error).toMatchObject({ code: 'not-movable', ran: 'no' })
      expect(error.message).toContain(why)
      expect(await isAlive(proxy)).toBe(true)
    }
    await stop(child)
    await move(parent, r.peer)
    expect(await stream.next()).toMatchObject({ done: true })
    await move(streaming, r.peer)
    expect(await streaming.items()).toEqual(['item'])
  })

  test('if a handler does not end in time', async () => {
    await using r = await two()
    const ledger = await r.a.spawn(Ledger)
    const holding = ledger.hold()
    await turn()
    expect(await code(ledger, r.peer, 20)).toBe('timeout')
    expect(await info(ledger)).toMatchObject({ realm: 'a', state: 'running' })
    const waits = ledger.add('after')
    waits.catch(() => {})
    await kill(ledger)
    await expect(holding).rejects.toMatchObject({ code: 'stopped', ran: 'maybe' })
    await expect(waits).rejects.toMatchObject({ code: 'stopped', ran: 'no' })
    expect(await code(ledger, r.peer)).toBe('stopped')
    expect(await code(ledger, r.a)).toBe('stopped')
  })

  test('if the peer does not answer in time: what it makes later is dismissed', async () => {
    let restored = (): void => {}
    class Slow extends Ledger {
      override async restore(items: unknown[]): Promise<void> {
        await new Promise<void>((resolve) => (restored = resolve))
        super.restore(items)
      }
    }
    await using r = await two({ Ledger: Slow })
    const ledger = await r.a.spawn(Ledger, { name: 'ledger' })
    await ledger.add('first')
    expect(await code(ledger, r.peer, 20)).toBe('timeout')
    expect(await ledger.add('second')).toBe(2)
    expect(r.b.info().actors).toHaveLength(1)
    restored()
    await stays(ledger, r)
  })

  test('and ends if it is stopped while it moves', async () => {
    let restored = (): void => {}
    class Slow extends Ledger {
      override async restore(items: unknown[]): Promise<void> {
        await new Promise<void>((resolve) => (restored = resolve))
        super.restore(items)
      }
    }
    await using r = await two({ Ledger: Slow })
    for (const end of [stop, kill]) {
      const ledger = await r.a.spawn(Ledger)
      const moving = code(ledger, r.peer)
      const waits = ledger.add('waits')
      waits.catch(() => {})
      while (r.b.info().actors.length === 0) await ping(ledger)
      const ending = end(ledger)
      restored()
      expect(await moving).toBe('stopped')
      await ending
      // With `stop` it handles what waits.
      expect(await waits.catch((error: ActorError) => error.code)).toBe(end === stop ? 1 : 'stopped')
      while (r.b.info().actors.length > 0) await turn()
      expect(r.a.info().actors).toEqual([])
    }
  })

  test('and what is no destination is refused', async () => {
    await using r = await two()
    const ledger = await r.a.spawn(Ledger)
    expect(await code(ledger, { id: 'b' })).toBe('malformed')
    expect(await code(undefined as never, r.peer)).toBe('malformed')
    expect(await code(ledger, r.peer, -1)).toBe('malformed')
    const stranger = new Dispatcher({ id: 'stranger' })
    expect(await code(ledger, stranger)).toBe('unreachable')
    await stranger.close()
    const object = reference({ items: () => [] })
    await r.a.register('object', (await r.a.lookup<Ledger>(`/`))!)
    expect(await code((await r.a.lookup('object'))!, r.peer)).toBe('not-movable')
    void object
    await r.peer.close()
    expect(await code(ledger, r.peer)).toBe('unreachable')
  })
})

/** Cuts the link when so many payloads more have come to one end. */
function cutAfter(ends: readonly PairEnd[], side: 0 | 1, count: number, cut: () => void): void {
  // What a platform calls when something has come.
  const end = ends[side] as unknown as { take(data: unknown): void }
  const take = end.take.bind(end)
  let left = count
  end.take = (data) => (left-- > 0 ? take(data) : cut())
}

/** What is wrong with what calls said of items that they added. */
const lies = (items: readonly string[], settled: readonly PromiseSettledResult<unknown>[]): string[] =>
  items.flatMap((item, n) => {
    const times = happened.filter((each) => each === item).length
    const outcome = settled[n]!
    const least = outcome.status === 'fulfilled' ? 1 : 0
    const most = outcome.status === 'rejected' && (outcome.reason as ActorError).ran === 'no' ? 0 : 1
    return times < least || times > most ? [`${item} ran ${times} times, and its call was ${outcome.status}`] : []
  })

/** Moves an actor while calls are under way, and cuts the link as payload `count` comes to one side. */
async function cutMove(side: 0 | 1, count: number): Promise<{ isCut: boolean; outcome: string; faults: string[] }> {
  await using r = await two()
  const ledger = await r.a.spawn(Ledger, { name: 'ledger' })
  const { down } = monitor(ledger)
  await ledger.add('first')
  let isCut = false
  cutAfter(r.ends, side, count, () => {
    isCut = true
    r.cut()
  })
  const calls = ['x', 'y'].map((item) => ledger.add(item))
  const outcome = await move(ledger, r.peer).then(
    () => 'moved',
    (error: ActorError) => error.code as string,
  )
  calls.push(ledger.add('z'))
  const faults = lies(['x', 'y', 'z'], await Promise.allSettled(calls))
  if (outcome === 'unreachable') await stays(ledger, r)
  else if (isCut) {
    // It is out of reach: it has ended, or lives on under its name, and what it knows is what ran.
    await down
    const late = await ledger.add('late').catch(({ ran }: ActorError) => ran)
    if (late !== 'no') faults.push('it was called after it had ended')
    const { actors: here, names } = r.a.info()
    if (here.length + names.length > 0) faults.push('something is left of it')
    const there = await r.b.lookup<Ledger>('ledger')
    const ran = happened.filter((item) => item.length === 1 || item === 'first').join()
    const known = there ? (await there.items()).join() : ran
    if (known !== ran) faults.push(`it knows ${known}, and ${ran} ran`)
  }
  return { isCut, outcome, faults }
}

test.each([0, 1] as const)(
  'wherever the link ends, by what comes to side %d, an actor is in one realm at most',
  async (side) => {
    const outcomes = new Set<string>()
    const faults: string[] = []
    for (let count = 0; ; count++) {
      const cut = await cutMove(side, count)
      outcomes.add(cut.outcome)
      faults.push(...cut.faults.map((fault) => `payload ${count}: ${fault}`))
      if (!cut.isCut) break
    }
    expect(faults).toEqual([])
    expect(outcomes).toEqual(new Set(['unreachable', 'unknown', 'moved']))
  },
)

describe('a realm that passes messages on', () => {
  test('settles the calls when it closes, and the actor goes on', async () => {
    await using r = await two()
    const ledger = await r.a.spawn(Ledger, { name: 'ledger' })
    await move(ledger, r.peer)
    const there = (await r.b.lookup<Ledger>('ledger'))!
    const holding = ledger.hold()
    await ping(ledger)
    const closing = r.a.close()
    await expect(holding).rejects.toMatchObject({ code: 'unknown', ran: 'maybe' })
    await closing
    await expect(ledger.add('late')).rejects.toMatchObject({ code: 'stopped', ran: 'no' })
    await kill(there)
    expect(r.b.info().actors).toEqual([])
  })

  test('has the default limit of 30 s for a move', async () => {
    const clock = virtualClock()
    const [a, b] = ['a', 'b'].map((id) => new Dispatcher({ id, env: clock, log: () => {} })) as [Dispatcher, Dispatcher]
    const ends = pair()
    await b.listen(single(ends[1]), { actors })
    const connecting = a.connect(ends[0])
    await clock.advance(1)
    const peer = await connecting
    const ledger = await a.spawn(Ledger)
    ledger.hold().catch(() => {})
    await clock.advance(1)
    const moving = move(ledger, peer).catch((error: ActorError) => error.code)
    await clock.advance(29_999)
    expect(await Promise.race([moving, 'moving'])).toBe('moving')
    await clock.advance(1)
    expect(await moving).toBe('timeout')
    const closing = Promise.all([a.close({ mode: 'kill' }), b.close()])
    await clock.advance(10_000)
    await closing
    expect(clock.timers).toBe(0)
  })
})
