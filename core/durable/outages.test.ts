import { describe, expect, test } from 'vitest'
import { Actor, type ActorError, ask, Dispatcher, type LogEntry, kill, type Proxy, stop } from '../index.js'
import { DurableCounter as Counter } from '../testing/durable-counter.js'
import { HeldStore } from '../testing/held-store.js'
import { virtualClock } from '../testing/index.js'
import { deadLetters, memoryStore } from './index.js'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

/** A dispatcher on a store and a clock of its own, and what it says. */
function setup() {
  const clock = virtualClock()
  const store = new HeldStore()
  const entries: LogEntry[] = []
  const dispatcher = new Dispatcher({ env: clock, store, log: (entry) => void entries.push(entry) })
  return { clock, store, dispatcher, entries }
}

describe('a store', () => {
  test.each([
    ['fails each commit', new Error('disk full')],
    ['hangs', undefined],
  ])('that %s for longer than 30 s: the actor ends, once, and each call settles', async (_, failure) => {
    const { clock, store, dispatcher } = setup()
    let instances = 0
    class Made extends Counter {
      constructor() {
        super()
        instances++
      }
    }
    const counter = await dispatcher.spawn(Made, { name: 'c' })
    if (failure) store.failure = failure
    else store.hold()
    const calls = [outcome(counter.add()), outcome(counter.add())]
    await clock.advance(40_000)
    const waiting = outcome(counter.add())
    await clock.advance(80_000)
    expect(await Promise.all(calls)).toMatchObject([
      { code: 'stored-failed', ran: 'maybe', cause: failure ?? { code: 'timeout' } },
      { code: 'stored-failed', ran: 'maybe' },
    ])
    expect(await waiting).toMatchObject({ code: 'stopped', ran: 'no' })
    expect(instances).toBe(2)
    expect(clock.timers).toBe(0)
    store.failure = undefined
    store.release()
    const again = await dispatcher.spawn(Made, { name: 'c' })
    const count = (await again.add()) as number
    // What hung was made in the end.
    expect(count).toBe(failure ? 1 : 3)
    await dispatcher.close()
  })

  test('that hangs for 35 s: the actor goes on, and calls wait', async () => {
    const { clock, store, dispatcher } = setup()
    const counter = await dispatcher.spawn(Counter, { name: 'c' })
    store.hold()
    const hung = outcome(counter.add())
    await clock.advance(31_000)
    expect(await hung).toMatchObject({ code: 'stored-failed', ran: 'maybe' })
    const waiting = counter.add()
    await clock.advance(4_000)
    store.release()
    store.held = undefined
    await clock.advance(5_000)
    expect(await waiting).toBe(2)
    await dispatcher.close()
  })
})

describe('a message to an actor that is gone', () => {
  class Sink extends Actor {
    got: number[] = []
    take(n: number): void {
      this.got.push(n)
    }
    all(): number[] {
      return this.got
    }
  }
  class Source extends Counter {
    send(to: Proxy<Sink>, n: number): void {
      this.context.tell(to).take(n)
    }
  }

  test('is a dead letter of its sender after two minutes, and so are those behind it; the log says so once for each', async () => {
    const { clock, dispatcher, entries } = setup()
    const sink = await dispatcher.spawn(Sink, { name: 'sink' })
    const source = await dispatcher.spawn(Source, { name: 's' })
    await stop(sink)
    await source.send(sink, 1)
    await source.send(sink, 2)
    await clock.advance(110_000)
    expect([deadLetters(source), entries]).toEqual([[], []])
    await clock.advance(25_000)
    expect(deadLetters(source)).toMatchObject([
      { method: 'take', args: [1], to: '/sink' },
      { method: 'take', args: [2], to: '/sink' },
    ])
    expect(entries.map(({ text }) => text)).toEqual(
      Array.from({ length: 2 }, () => '[troupe] dead letter: take() to /sink, sent by /s'),
    )
    await dispatcher.close()
  })

  test('reaches the one that has its name within that time', async () => {
    const { clock, dispatcher } = setup()
    const sink = await dispatcher.spawn(Sink, { name: 'sink' })
    const source = await dispatcher.spawn(Source, { name: 's' })
    await stop(sink)
    await source.send(sink, 1)
    await source.send(sink, 2)
    await clock.advance(60_000)
    const next = await dispatcher.spawn(Sink, { name: 'sink' })
    await clock.advance(10_000)
    expect(await next.all()).toEqual([1, 2])
    expect(deadLetters(source)).toEqual([])
    await dispatcher.close()
  })

  test('that comes from an instance which was killed does not leave', async () => {
    const { clock, dispatcher } = setup()
    let late = (): void => {}
    class Late extends Source {
      keep(to: Proxy<Sink>): void {
        late = () => this.send(to, 1)
      }
    }
    const sink = await dispatcher.spawn(Sink, { name: 'sink' })
    const source = await dispatcher.spawn(Late, { name: 's' })
    await source.keep(sink)
    await kill(source)
    late()
    await clock.advance(1_000)
    expect(await sink.all()).toEqual([])
    await dispatcher.close()
  })
})

test('one key for two methods: each is a call of its own', async () => {
  await using dispatcher = new Dispatcher({ store: memoryStore() })
  class Two extends Counter {
    double(): number {
      return (this.count *= 2)
    }
  }
  const two = await dispatcher.spawn(Two, { name: 't' })
  expect(await ask(two, { key: 'k' }).add()).toBe(1)
  expect(await ask(two, { key: 'k' }).double()).toBe(2)
  expect(await ask(two, { key: 'k' }).add()).toBe(1)
  expect(await ask(two, { key: 'k' }).double()).toBe(2)
})

test('a state that cannot be stored is named, with its actor', async () => {
  const { dispatcher, entries } = setup()
  class Odd extends Counter {
    state: unknown = 0
    override snapshot(): unknown {
      return { count: this.count, list: [this.state] }
    }
    override restore(): void {}
    break(): void {
      this.state = () => {}
    }
  }
  const odd = await dispatcher.spawn(Odd, { name: 'odd' })
  const failure = (await outcome(odd.break())) as ActorError
  expect(failure).toMatchObject({ code: 'uncloneable', ran: 'maybe' })
  expect(failure.message).toContain('the state of /odd: ')
  expect(entries.map(({ text }) => text)).toEqual(['[troupe] /odd was not stored'])
  await dispatcher.close()
})
