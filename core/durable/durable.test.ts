import { describe, expect, test } from 'vitest'
import { HeldStore } from '../testing/held-store.js'
import { virtualClock } from '../testing/virtual-clock.js'
import { Actor, ask, Dispatcher, kill, type Proxy, resume, stop, suspend, tell } from '../index.js'
import { deadLetters, discard, durable, replay, type Store } from './index.js'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

/** A dispatcher with a store, and a class of durable counters. */
function setup(store: Store = new HeldStore(), options: Parameters<typeof durable>[0] = {}) {
  class Counter extends Actor {
    static durable = durable(options)
    count = 0
    override snapshot(): unknown {
      return { count: this.count }
    }
    override restore(state: { count: number }, version: number): void {
      this.count = state.count * (version === 1 ? 1 : 10)
    }
    add(by = 1): number {
      return (this.count += by)
    }
    value(): number {
      return this.count
    }
    fail(): never {
      this.count += 100
      throw new Error('failed')
    }
    async slow(by: number): Promise<number> {
      await undefined
      return (this.count += by)
    }
  }
  const log: unknown[] = []
  const dispatcher = new Dispatcher({ store, log: ({ text, error }) => log.push(text, error) })
  return { store: store as HeldStore, Counter, dispatcher, log, [Symbol.asyncDispose]: () => dispatcher.close() }
}

describe('the state of a durable actor', () => {
  test('is there when it is spawned again', async () => {
    const first = setup()
    const counter = await first.dispatcher.spawn(first.Counter, { name: 'c' })
    expect(await counter.add(2)).toBe(2)
    expect(await counter.slow(3)).toBe(5)
    await first.dispatcher.close()
    await using second = setup(first.store)
    expect(await (await second.dispatcher.spawn(second.Counter, { name: 'c' })).value()).toBe(5)
    expect(await (await second.dispatcher.spawn(second.Counter, { name: 'd' })).value()).toBe(0)
  })

  test('is there after a kill, which stores nothing', async () => {
    const first = setup()
    const counter = await first.dispatcher.spawn(first.Counter, { name: 'c' })
    expect(await counter.add(2)).toBe(2)
    await stop(counter, { mode: 'kill' })
    const again = await first.dispatcher.spawn(first.Counter, { name: 'c' })
    expect(await again.add(1)).toBe(3)
    await first.dispatcher.close()
  })

  test('of an earlier version is given with that version, and one of a later version is refused', async () => {
    const first = setup()
    await (await first.dispatcher.spawn(first.Counter, { name: 'c' })).add(2)
    await first.dispatcher.close()
    const second = setup(first.store, { version: 2 })
    expect(await (await second.dispatcher.spawn(second.Counter, { name: 'c' })).value()).toBe(2)
    await second.dispatcher.close()
    await using third = setup(first.store)
    expect(await outcome(third.dispatcher.spawn(third.Counter, { name: 'c' }))).toMatchObject({ code: 'version' })
  })

  test('what a handler changed before it threw is kept, as with any actor', async () => {
    await using s = setup()
    const counter = await s.dispatcher.spawn(s.Counter, { name: 'c' })
    expect(await outcome(counter.fail())).toEqual(new Error('failed'))
    expect(await counter.value()).toBe(100)
  })

  test('goes back to what it was before a handler threw where that restarts the actor', async () => {
    await using s = setup()
    const counter = await s.dispatcher.spawn(s.Counter, { name: 'c', restart: 'transient' })
    await counter.add(7)
    expect(await outcome(counter.fail())).toEqual(new Error('failed'))
    expect(await counter.value()).toBe(7)
  })

  test('needs a name, a store, snapshot and restore', async () => {
    await using s = setup()
    class Plain extends Actor {
      static durable = durable()
    }
    class Wrong extends s.Counter {
      static override durable = true as never
    }
    for (const spawning of [
      s.dispatcher.spawn(s.Counter),
      s.dispatcher.spawn(Plain, { name: 'p' }),
      s.dispatcher.spawn(Wrong, { name: 'w' }),
      new Dispatcher().spawn(s.Counter, { name: 'c' }),
    ])
      expect(await outcome(spawning)).toMatchObject({ code: 'malformed', ran: 'no' })
    expect(() => durable({ version: 0 })).toThrow(/'version'/)
    expect(() => durable({ store: {} as never })).toThrow(/'store'/)
    expect(() => durable({ unsaved: 'no' as never })).toThrow(/'unsaved'/)
  })
})

describe('the output gate', () => {
  test('holds a reply until its step is stored', async () => {
    await using s = setup()
    const counter = await s.dispatcher.spawn(s.Counter, { name: 'c' })
    await counter.value()
    s.store.hold()
    const order: string[] = []
    const calls = [counter.add(), counter.add(), counter.value()].map((call, place) =>
      call.then((value) => order.push(`${place}: ${value}`)),
    )
    await outcome(ask(counter, { timeout: 20 }).value())
    expect(order).toEqual([])
    s.store.release()
    await Promise.all(calls)
    expect(order).toEqual(['0: 1', '1: 2', '2: 2'])
  })

  test('costs one commit for the calls of one turn, and none for those that change nothing', async () => {
    await using s = setup()
    const counter = await s.dispatcher.spawn(s.Counter, { name: 'c' })
    await counter.add()
    const before = s.store.commits
    await Promise.all(Array.from({ length: 100 }, () => counter.add()))
    expect(s.store.commits - before).toBeLessThanOrEqual(3)
    const after = s.store.commits
    expect(await counter.value()).toBe(101)
    expect(s.store.commits).toBe(after)
  })

  test('a store that fails: the calls reject, and the actor goes back to what is stored', async () => {
    await using s = setup()
    const events: unknown[] = []
    s.dispatcher.on('stored-failed', ({ path }, error) => events.push([path, error.cause]))
    const counter = await s.dispatcher.spawn(s.Counter, { name: 'c' })
    await counter.add(5)
    s.store.failure = new Error('full')
    const calls = [counter.add(1), counter.value()].map(outcome)
    for (const error of await Promise.all(calls))
      expect(error).toMatchObject({ code: 'stored-failed', ran: 'maybe', cause: new Error('full') })
    s.store.failure = undefined
    expect(await counter.value()).toBe(5)
    expect(events).toEqual([['/c', new Error('full')]])
  })

  test("with unsaved: 'continue' the actor goes on in memory, and stores later", async () => {
    const s = setup(new HeldStore(), { unsaved: 'continue' })
    const events: unknown[] = []
    s.dispatcher.on('stored-failed', ({ path }, error) => events.push([path, error.cause]))
    const counter = await s.dispatcher.spawn(s.Counter, { name: 'c' })
    await counter.add(5)
    s.store.failure = new Error('full')
    expect(await counter.add(1)).toBe(6)
    expect(await counter.add(1)).toBe(7)
    expect(events.length).toBeGreaterThan(0)
    s.store.failure = undefined
    expect(await counter.add(1)).toBe(8)
    await s.dispatcher.close()
    await using again = setup(s.store)
    expect(await (await again.dispatcher.spawn(again.Counter, { name: 'c' })).value()).toBe(8)
  })

  test('a snapshot that cannot be stored rejects the call, and the actor goes back', async () => {
    await using s = setup()
    class Odd extends s.Counter {
      odd(): void {
        this.count = (() => {}) as never
      }
    }
    const odd = await s.dispatcher.spawn(Odd, { name: 'o' })
    await odd.add(3)
    expect(await outcome(odd.odd())).toMatchObject({ code: 'uncloneable', ran: 'maybe' })
    expect(await odd.value()).toBe(3)
  })

  test('an actor that another dispatcher started stores nothing more, and ends', async () => {
    const first = setup()
    const counter = await first.dispatcher.spawn(first.Counter, { name: 'c' })
    await counter.add(5)
    await using second = setup(first.store)
    const other = await second.dispatcher.spawn(second.Counter, { name: 'c' })
    expect(await outcome(counter.add(1))).toMatchObject({ code: 'stored-failed', ran: 'maybe' })
    expect(await other.add(2)).toBe(7)
    expect(await outcome(counter.add(1))).toMatchObject({ code: 'stopped', ran: 'no' })
    await first.dispatcher.close()
    expect(await other.value()).toBe(7)
  })
})

describe("tell with { ack: 'stored' }", () => {
  test('is handled at the next start if the process ended before', async () => {
    const first = setup()
    class Sleepy extends first.Counter {
      async never(): Promise<void> {
        await new Promise(() => {})
      }
    }
    const sleepy = await first.dispatcher.spawn(Sleepy, { name: 'c' })
    void outcome(sleepy.never())
    await tell(sleepy, { ack: 'stored' }).add(2)
    await tell(sleepy, { ack: 'stored' }).add(3)
    await first.dispatcher.close({ mode: 'kill' })
    await using second = setup(first.store)
    const counter = await second.dispatcher.spawn(second.Counter, { name: 'c' })
    expect(await counter.value()).toBe(5)
    await first.dispatcher.close()
  })

  test('keeps its order with calls, and is handled once', async () => {
    await using s = setup()
    const counter = await s.dispatcher.spawn(s.Counter, { name: 'c' })
    const acked = tell(counter, { ack: 'stored' }).add(2)
    expect(await counter.value()).toBe(2)
    expect(await acked).toBeUndefined()
    await stop(counter)
    expect(await (await s.dispatcher.spawn(s.Counter, { name: 'c' })).value()).toBe(2)
  })

  test('is refused where nothing is stored, by methods that are not there, and with what cannot be stored', async () => {
    await using s = setup()
    class Plain extends Actor {
      ran = 0
      run(): number {
        return ++this.ran
      }
    }
    const plain = await s.dispatcher.spawn(Plain)
    expect(await outcome(tell(plain, { ack: 'stored' }).run())).toMatchObject({ code: 'stored-failed', ran: 'no' })
    expect(await plain.run()).toBe(1)
    const counter = await s.dispatcher.spawn(s.Counter, { name: 'c' })
    const storing = tell(counter, { ack: 'stored' }) as unknown as Record<string, (value?: unknown) => Promise<void>>
    expect(await outcome(storing['nothing']!())).toMatchObject({ code: 'not-exposed', ran: 'no' })
    expect(await outcome(storing['add']!(() => {}))).toMatchObject({ code: 'uncloneable', ran: 'no' })
    expect(() => tell(counter, { ack: 'yes' as never })).toThrow(/ack/)
  })

  test('whose handler throws is a dead letter: listed, replayed, discarded, and kept over a restart', async () => {
    const s = setup()
    let isRight = false
    class Picky extends s.Counter {
      pick(by: number): void {
        if (!isRight) throw new Error('wrong')
        this.count += by
      }
    }
    const picky = await s.dispatcher.spawn(Picky, { name: 'p', retries: 2 })
    await tell(picky, { ack: 'stored' }).pick(4)
    await tell(picky, { ack: 'stored' }).pick(5)
    await picky.value()
    expect(deadLetters(picky)).toMatchObject([
      { method: 'pick', args: [4], to: undefined, error: new Error('wrong') },
      { method: 'pick', args: [5] },
    ])
    await s.dispatcher.close()
    await using again = setup(s.store)
    const second = await again.dispatcher.spawn(Picky, { name: 'p' })
    const [four, five] = deadLetters(second)
    isRight = true
    await replay(second, four!.id)
    expect(await second.value()).toBe(4)
    await discard(second, five!.id)
    expect(deadLetters(second)).toEqual([])
    expect(await outcome(discard(second, 1))).toMatchObject({ code: 'not-found' })
  })
})

describe('what a durable actor sends', () => {
  test('one way leaves once its step is stored, and again after a crash if nobody took it', async () => {
    const s = setup()
    const got: number[] = []
    class Sink extends Actor {
      take(n: number): void {
        got.push(n)
      }
    }
    class Source extends s.Counter {
      async send(n: number): Promise<void> {
        const sink = (await this.context.dispatcher.lookup<Sink>('sink', { ttl: 1_000 }))!
        this.context.tell(sink).take(n)
        this.count++
      }
    }
    const source = await s.dispatcher.spawn(Source, { name: 's' })
    await s.dispatcher.spawn(Sink, { name: 'sink' })
    s.store.hold()
    const sent = source.send(1)
    await outcome(ask(source, { timeout: 20 }).value())
    expect(got).toEqual([])
    s.store.release()
    await sent
    await source.value()
    expect(got).toEqual([1])
    await s.dispatcher.close()
  })

  test('one way is sent once, and its record removed once, though the store fails while it is under way', async () => {
    const s = setup()
    const got: number[] = []
    class Sink extends Actor {
      take(n: number): void {
        got.push(n)
      }
    }
    class Source extends s.Counter {
      send(sink: Parameters<typeof tell<Sink>>[0], n: number): void {
        this.context.tell(sink).take(n)
      }
    }
    const sink = await s.dispatcher.spawn(Sink, { name: 'sink' })
    await suspend(sink)
    const source = await s.dispatcher.spawn(Source, { name: 's' })
    await source.send(sink, 1)
    s.store.failure = new Error('full')
    await outcome(source.add())
    s.store.failure = undefined
    expect(await source.add()).toBe(1)
    await resume(sink)
    await ask(sink).take(2)
    expect(got).toEqual([1, 2])
    await source.add()
    await stop(source)
    const again = await s.dispatcher.spawn(Source, { name: 's' })
    expect(await again.value()).toBe(2)
    await ask(sink).take(3)
    expect(got).toEqual([1, 2, 3])
    await s.dispatcher.close()
  })

  test('one way, as a step that restarts the actor, does not leave', async () => {
    await using s = setup()
    const got: number[] = []
    class Sink extends Actor {
      take(n: number): void {
        got.push(n)
      }
    }
    class Source extends s.Counter {
      send(sink: Parameters<typeof tell<Sink>>[0], n: number): void {
        this.context.tell(sink).take(n)
        if (n === 1) throw new Error('no')
      }
    }
    const sink = await s.dispatcher.spawn(Sink)
    const source = await s.dispatcher.spawn(Source, { name: 's', restart: 'transient' })
    await outcome(source.send(sink, 1))
    await source.send(sink, 2)
    await source.value()
    expect(got).toEqual([2])
  })
})

test.each(['rows', 'plainRows'] as const)(
  'a generator that throws while a step is being stored: its reader gets the error, though the actor restarts: %s',
  async (method) => {
    await using s = setup()
    class Table extends s.Counter {
      async *rows(): AsyncGenerator<number, void, undefined> {
        yield 1
        await undefined
        throw new Error('no more rows')
      }
      *plainRows(): Generator<number, void, undefined> {
        yield 1
        throw new Error('no more rows')
      }
    }
    const table = await s.dispatcher.spawn(Table, { name: 't', restart: 'transient' })
    const steps = table[method]()[Symbol.asyncIterator]()
    expect((await steps.next()).value).toBe(1)
    void table.add()
    expect(await outcome(steps.next())).toEqual(new Error('no more rows'))
  },
)

test('a store that never answers: the calls reject after 30 s, and nothing more is asked of it meanwhile', async () => {
  const env = virtualClock()
  const held = new HeldStore()
  const dispatcher = new Dispatcher({ store: held, env, log: () => {} })
  const { Counter } = setup(held)
  const counter = await dispatcher.spawn(Counter, { name: 'c', restart: { max: 0 } })
  held.hold()
  const call = outcome(counter.add())
  await env.advance(25_000)
  const before = held.commits
  await env.advance(10_000)
  expect(await call).toMatchObject({ code: 'stored-failed', ran: 'maybe' })
  expect(held.commits).toBe(before)
  held.release()
  await dispatcher.close({ mode: 'kill' })
})

test.each([
  ['is killed', (actor: Proxy<unknown>) => kill(actor)],
  ['is stopped with a time limit', (actor: Proxy<unknown>) => stop(actor, { timeout: 50 })],
  ['ends with its dispatcher', (_: unknown, dispatcher: Dispatcher) => dispatcher.close({ mode: 'kill' })],
])('calls of an actor that %s settle, though the store does not answer', async (_, end) => {
  const env = virtualClock()
  const held = new HeldStore()
  const dispatcher = new Dispatcher({ store: held, env, log: () => {} })
  const { Counter } = setup(held)
  const counter = await dispatcher.spawn(Counter, { name: 'c' })
  held.hold()
  const call = outcome(counter.add())
  const stored = outcome(tell(counter, { ack: 'stored' }).add())
  await env.advance(10)
  const ending = end(counter, dispatcher)
  await env.advance(100)
  await ending
  for (const settled of await Promise.all([call, stored]))
    expect(settled).toMatchObject({ code: 'stopped', ran: 'maybe' })
  held.release()
  await dispatcher.close({ mode: 'kill' })
})
