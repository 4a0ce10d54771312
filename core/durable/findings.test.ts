import { describe, expect, test } from 'vitest'
import { Actor, type ActorError, ask, Dispatcher, kill, type Proxy, stop, tell } from '../index.js'
import { DurableCounter as Counter } from '../testing/durable-counter.js'
import { HeldStore } from '../testing/held-store.js'
import { linkedPair } from '../testing/linked-pair.js'
import { deadLetters, durable, memoryStore, replay, type Store } from './index.js'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))
declare const setTimeout: (fn: () => void, ms: number) => unknown

/** A dispatcher on a store, which says nothing. */
const on = (store: Store, options: object = {}): Dispatcher => new Dispatcher({ store, log: () => {}, ...options })

describe('messages of an earlier run', () => {
  /** Runs a process that ends with a message under way, as often as wanted. */
  async function crashing(store: Store, Class: typeof Poison, times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      const dispatcher = on(store)
      await dispatcher.spawn(Class, { name: 'p' })
      const { length } = Poison.begun
      while (Poison.begun.at(-1) !== 'bad' || Poison.begun.length === length) await pause(1)
      await dispatcher.close({ mode: 'kill' })
    }
  }
  class Poison extends Counter {
    static begun: string[] = []
    async go(name: string): Promise<void> {
      Poison.begun.push(name)
      await new Promise(() => {})
    }
    good(): void {
      Poison.begun.push('good')
      this.count++
    }
  }

  test('one that ends the process five times is a dead letter, the one before it is handled, and the actor starts', async () => {
    Poison.begun = []
    const store = new HeldStore()
    const first = on(store)
    const poison = await first.spawn(Poison, { name: 'p' })
    await Promise.all([
      outcome(ask(poison, { timeout: 1 }).go('first')),
      tell(poison, { ack: 'stored' }).good(),
      tell(poison, { ack: 'stored' }).go('bad'),
      tell(poison, { ack: 'stored' }).good(),
    ])
    await first.close({ mode: 'kill' })
    await crashing(store, Poison, 5)
    await using last = on(store)
    const again = await last.spawn(Poison, { name: 'p' })
    expect(await again.value()).toBe(2)
    expect(Poison.begun).toEqual(['first', 'good', 'bad', 'bad', 'bad', 'bad', 'bad', 'good'])
    expect(deadLetters(again)).toMatchObject([{ method: 'go', args: ['bad'] }])
    await last.close()
    await using after = on(store)
    expect(await (await after.spawn(Poison, { name: 'p' })).value()).toBe(2)
  })

  test('are not blamed for starts that fail', async () => {
    const store = memoryStore()
    let fails = false
    class Moody extends Poison {
      override onStart(): void {
        if (fails) throw new Error('not today')
      }
    }
    const first = on(store)
    const moody = await first.spawn(Moody, { name: 'm' })
    void outcome(moody.go('x'))
    await tell(moody, { ack: 'stored' }).good()
    await first.close({ mode: 'kill' })
    fails = true
    for (let time = 0; time < 7; time++) {
      await using dispatcher = on(store)
      expect(await outcome(dispatcher.spawn(Moody, { name: 'm' }))).toMatchObject({ code: 'start-failed' })
    }
    fails = false
    await using last = on(store)
    expect(await (await last.spawn(Moody, { name: 'm' })).value()).toBe(1)
  })

  test('fit into a mailbox that is smaller now', async () => {
    const store = memoryStore()
    const first = on(store)
    const poison = await first.spawn(Poison, { name: 'p' })
    void outcome(poison.go('x'))
    await Promise.all(Array.from({ length: 6 }, () => tell(poison, { ack: 'stored' }).add()))
    await first.close({ mode: 'kill' })
    await using second = on(store)
    const again = await second.spawn(Poison, { name: 'p', mailbox: { limit: 2 } })
    expect(await again.value()).toBe(6)
    expect(deadLetters(again)).toEqual([])
  })

  test('keep who sent them: what checks the caller finds it after a crash, too', async () => {
    const store = memoryStore()
    class Guarded extends Poison {
      async who(): Promise<string | undefined> {
        return this.context.caller?.peer
      }
      note(): void {
        Poison.begun.push(this.context.caller?.peer ?? 'nobody')
      }
    }
    Poison.begun = []
    const pair = await linkedPair({ actors: { Guarded }, dispatcher: { store, log: () => {} } })
    const guarded = await pair.peer.spawn('Guarded', { name: 'g' })
    void outcome(guarded.go('x'))
    await tell(guarded, { ack: 'stored' }).note()
    await pair.close({ mode: 'kill' })
    await using second = on(store)
    await (await second.spawn(Guarded, { name: 'g' })).value()
    expect(Poison.begun).toEqual(['x', pair.near.id])
  })
})

describe('a message is kept until it was handled', () => {
  test('also where its handler throws what it got from an actor that is stopped: that is a dead letter', async () => {
    await using dispatcher = on(memoryStore())
    class Caller extends Counter {
      async go(other: Proxy<Counter>): Promise<void> {
        await this.context.ask(other).add()
      }
    }
    const other = await dispatcher.spawn(Counter, { name: 'other' })
    await stop(other)
    const caller = await dispatcher.spawn(Caller, { name: 'c' })
    await tell(caller, { ack: 'stored' }).go(other)
    await caller.value()
    expect(deadLetters(caller)).toMatchObject([{ method: 'go', error: { code: 'stopped' } }])
  })

  test('also where the actor is killed, and restarted', async () => {
    await using dispatcher = on(memoryStore())
    let waits = true
    class Slow extends Counter {
      async go(): Promise<void> {
        if (waits) await new Promise(() => {})
        this.count++
      }
    }
    const slow = await dispatcher.spawn(Slow, { name: 's', restart: 'permanent' })
    await tell(slow, { ack: 'stored' }).go()
    waits = false
    await kill(slow)
    await pause(20)
    expect(await slow.value()).toBe(1)
  })

  test('also where it made its arguments such that they cannot be stored', async () => {
    await using dispatcher = on(memoryStore())
    class Odd extends Counter {
      bad(given: { cb?: unknown; n: number }): void {
        given.cb = () => {}
        throw new Error('bad')
      }
    }
    const odd = await dispatcher.spawn(Odd, { name: 'o' })
    await tell(odd, { ack: 'stored' }).bad({ n: 1 })
    await odd.value()
    expect(deadLetters(odd)).toMatchObject([{ method: 'bad', args: [{ n: 1 }], error: new Error('bad') }])
  })

  test('and one that was refused is none of its letters', async () => {
    await using dispatcher = on(memoryStore())
    class Slow extends Counter {
      async wait(): Promise<void> {
        await pause(20)
      }
    }
    const slow = await dispatcher.spawn(Slow, { name: 's', mailbox: { limit: 2 } })
    const waits = slow.wait()
    await pause(1)
    const tells = [1, 2, 3].map(() => outcome(tell(slow, { ack: 'stored' }).add()))
    const results = await Promise.all(tells)
    expect(results.filter((result) => (result as ActorError | undefined)?.code === 'overloaded')).toHaveLength(1)
    await waits
    await pause(5)
    expect(await slow.value()).toBe(2)
    expect(deadLetters(slow)).toEqual([])
    await stop(slow)
    expect(await outcome(replay(slow, 1))).toMatchObject({ code: 'stopped' })
  })
})

describe('no call hangs', () => {
  test('where a result cannot leave', async () => {
    class Odd extends Counter {
      weak(): object {
        this.count++
        return { weak: new WeakMap() }
      }
      async later(): Promise<object> {
        return this.weak()
      }
    }
    const pair = await linkedPair({ actors: { Odd }, dispatcher: { store: memoryStore(), log: () => {} } })
    const odd = await pair.peer.spawn('Odd', { name: 'o' })
    expect(await outcome(odd.weak())).toMatchObject({ code: 'uncloneable', ran: 'maybe' })
    expect(await outcome(odd.later())).toMatchObject({ code: 'uncloneable', ran: 'maybe' })
    expect(await odd.value()).toBe(2)
    await pair.close()
  })

  test('where a call with a key is tried again', async () => {
    await using dispatcher = on(memoryStore())
    let throwing = 2
    class Flaky extends Counter {
      flaky(): number {
        if (throwing-- > 0) throw new Error('not yet')
        return ++this.count
      }
    }
    const flaky = await dispatcher.spawn(Flaky, { name: 'f', retries: 3 })
    expect(await ask(flaky, { key: 'k' }).flaky()).toBe(1)
    expect(await ask(flaky, { key: 'k' }).flaky()).toBe(1)
    expect(await flaky.value()).toBe(1)
  })

  test("where nothing changes after a failure, with unsaved: 'continue', and the state is stored at the end", async () => {
    const store = new HeldStore()
    class Going extends Counter {
      static override durable = durable({ unsaved: 'continue' })
    }
    const first = on(store)
    const going = await first.spawn(Going, { name: 'g' })
    await going.value()
    store.failing = 1
    expect(await going.add(5)).toBe(5)
    expect(await going.value()).toBe(5)
    store.failing = 1
    await going.add(1)
    store.failing = 1
    expect(await outcome(tell(going, { ack: 'stored' }).add(0))).toMatchObject({ code: 'stored-failed' })
    await first.close()
    await using second = on(store)
    expect(await (await second.spawn(Going, { name: 'g' })).value()).toBe(6)
  })

  test('where a commit fails while the actor starts', async () => {
    const store = new HeldStore()
    class Starting extends Counter {
      override async onStart(): Promise<void> {
        this.count++
        await pause(5)
        store.failing = isFailing ? 1 : 0
        this.context.tell(this.context.self).add(0)
        await pause(5)
        isFailing = false
      }
    }
    let isFailing = true
    await using dispatcher = on(store)
    const spawning = outcome(dispatcher.spawn(Starting, { name: 's' }))
    const starting = await spawning
    // It may not come up, but then it says so.
    const isUp = !(starting instanceof Error)
    const answer = isUp ? await outcome(ask(starting as Proxy<Starting>, { timeout: 2_000 }).value()) : starting
    expect(typeof answer === 'number' || (answer as ActorError).code === 'start-failed').toBe(true)
  })

  test('where a call is given up while the store is read again', async () => {
    const store = new HeldStore()
    await using dispatcher = on(store)
    const counter = await dispatcher.spawn(Counter, { name: 'c' })
    store.failure = new Error('full')
    void outcome(counter.add())
    await pause(20)
    expect(await outcome(ask(counter, { timeout: 10 }).value())).toMatchObject({ code: 'timeout', ran: 'no' })
    store.failure = undefined
    expect(await counter.value()).toBe(0)
    expect(await counter.add()).toBe(1)
  })

  test('where a store is away for a second: calls wait, and the actor goes on', async () => {
    const store = new HeldStore()
    await using dispatcher = on(store)
    const counter = await dispatcher.spawn(Counter, { name: 'c' })
    await counter.add()
    store.failure = new Error('away')
    void outcome(counter.add())
    await pause(1_000)
    store.failure = undefined
    expect(await ask(counter, { timeout: 10_000 }).add()).toBe(2)
  })
})

describe('a key', () => {
  test('does not keep that a caller gave up', async () => {
    await using dispatcher = on(memoryStore())
    class Price extends Actor {
      async of(): Promise<number> {
        await pause(60)
        return 3
      }
    }
    class Buyer extends Counter {
      async buy(price: Proxy<Price>): Promise<number> {
        return (this.count += await this.context.ask(price).of())
      }
    }
    const price = await dispatcher.spawn(Price)
    const buyer = await dispatcher.spawn(Buyer, { name: 'b' })
    expect(await outcome(ask(buyer, { key: 'k', timeout: 20 }).buy(price))).toMatchObject({ code: 'timeout' })
    expect(await ask(buyer, { key: 'k', timeout: 5_000 }).buy(price)).toBe(3)
    expect(await ask(buyer, { key: 'k' }).buy(price)).toBe(3)
  })

  test('keeps no refusal as a success, and no live object', async () => {
    await using dispatcher = on(memoryStore())
    class Lists extends Counter {
      items: number[] = []
      push(): number[] {
        this.items.push(1)
        return this.items
      }
    }
    const lists = await dispatcher.spawn(Lists, { name: 'l' })
    const any = ask(lists, { key: 'no' }) as unknown as Record<string, () => Promise<unknown>>
    for (let time = 0; time < 2; time++)
      expect(await outcome(any['nope']!())).toMatchObject({ code: 'not-exposed', ran: 'no' })
    expect(await ask(lists, { key: 'k' }).push()).toEqual([1])
    await lists.push()
    expect(await ask(lists, { key: 'k' }).push()).toEqual([1])
  })

  test('is not pushed out of its window by messages that durable actors send', async () => {
    await using dispatcher = on(memoryStore())
    class Small extends Counter {
      static override durable = durable({ window: 10 })
      send(): void {
        this.context.tell(this.context.self).add(0)
      }
    }
    const small = await dispatcher.spawn(Small, { name: 's' })
    expect(await ask(small, { key: 'k' }).add()).toBe(1)
    for (let n = 0; n < 20; n++) await small.send()
    await pause(20)
    expect(await ask(small, { key: 'k' }).add()).toBe(1)
  })
})

describe('what is sent', () => {
  test('goes to the actor that was meant, and to no other that has its id in the next run', async () => {
    const store = memoryStore()
    const got: string[] = []
    class Sink extends Actor {
      take(text: string): void {
        got.push(`${this.constructor.name} ${text}`)
      }
    }
    class Other extends Sink {}
    class Source extends Counter {
      #sink: Proxy<Sink> | undefined
      override snapshot(): unknown {
        return [this.count, this.#sink]
      }
      override restore(state: never): void {
        ;[this.count, this.#sink] = state as [number, Proxy<Sink>]
      }
      keep(sink: Proxy<Sink>): void {
        this.#sink = sink
      }
      async reach(): Promise<void> {
        await this.context.ask(this.#sink!, { timeout: 200 }).take('kept')
      }
    }
    const first = on(store)
    const sink = await first.spawn(Sink)
    const source = await first.spawn(Source, { name: 's' })
    await source.keep(sink)
    await source.reach()
    await first.close({ mode: 'kill' })
    await using second = on(store)
    await second.spawn(Other)
    const again = await second.spawn(Source, { name: 's' })
    expect(await outcome(again.reach())).toMatchObject({
      code: expect.stringMatching(/expired|timeout|unreachable/) as string,
    })
    expect(got).toEqual(['Sink kept'])
  })

  test('keeps its order where one of it is sent again', async () => {
    await using dispatcher = on(memoryStore())
    const got: number[] = []
    class Sink extends Actor {
      async take(n: number): Promise<void> {
        got.push(n)
        await pause(5)
      }
    }
    class Source extends Counter {
      send(sink: Proxy<Sink>, n: number): void {
        this.context.tell(sink).take(n)
      }
    }
    const sink = await dispatcher.spawn(Sink, { name: 'sink', mailbox: { limit: 1 } })
    const source = await dispatcher.spawn(Source, { name: 's' })
    const busy = [sink.take(-1), sink.take(-2)]
    for (let n = 0; n < 6; n++) await source.send(sink, n)
    await Promise.all(busy.map(outcome))
    for (let round = 0; round < 200 && got.at(-1) !== 5; round++) await pause(10)
    expect(got.filter((n) => n >= 0)).toEqual([0, 1, 2, 3, 4, 5])
  })
})

describe('the state', () => {
  test('of a step that stops the actor, or restarts it after an `every`, is not stored', async () => {
    const store = memoryStore()
    class Failing extends Counter {
      fail(): never {
        this.count += 100
        throw new Error('failed')
      }
    }
    await using dispatcher = on(store)
    const failing = await dispatcher.spawn(Failing, { name: 'f', restart: 'temporary' })
    await failing.add()
    await outcome(failing.fail())
    await pause(10)
    expect(await (await dispatcher.spawn(Failing, { name: 'f' })).value()).toBe(1)
  })

  test('and the messages of a step stay together where decide lets the actor go on', async () => {
    await using dispatcher = on(memoryStore())
    const got: number[] = []
    class Sink extends Actor {
      take(n: number): void {
        got.push(n)
      }
    }
    class Source extends Counter {
      send(sink: Proxy<Sink>): never {
        this.count++
        this.context.tell(sink).take(1)
        throw new Error('after all')
      }
    }
    const sink = await dispatcher.spawn(Sink, { name: 'sink' })
    const source = await dispatcher.spawn(Source, { name: 's', decide: () => 'resume' })
    await outcome(source.send(sink))
    expect(await source.value()).toBe(1)
    await pause(10)
    expect(got).toEqual([1])
  })
})

test('a call that ran and was not stored does not say that it did not run', async () => {
  const store = memoryStore()
  const dispatcher = on(store)
  const counter = await dispatcher.spawn(Counter, { name: 'c', restart: { max: 0 } })
  await store.close()
  expect(await outcome(counter.add())).toMatchObject({ code: 'stored-failed', ran: 'maybe' })
  await dispatcher.close({ mode: 'kill' })
})

test('a dispatcher that was closed takes the actor from nobody', async () => {
  const store = new HeldStore()
  let read = (): void => {}
  const slow: Store = {
    async read(prefix) {
      const records = await store.read(prefix)
      await new Promise<void>((resolve) => (read = resolve))
      return records
    },
    commit: async (commits) => store.commit(commits),
    close: async () => {},
  }
  const first = on(slow)
  const spawning = outcome(first.spawn(Counter, { name: 'c' }))
  await pause(5)
  await first.close({ mode: 'kill' })
  expect(await spawning).toMatchObject({ code: 'stopped' })
  await using second = on(store)
  const counter = await second.spawn(Counter, { name: 'c' })
  read()
  await pause(10)
  expect(await counter.add()).toBe(1)
})

test('spawn has the time limit of the dispatcher, also where the store hangs', async () => {
  const hangs: Store = { read: async () => new Promise(() => {}), commit: async () => [], close: async () => {} }
  const dispatcher = on(hangs, { deadline: 50 })
  expect(await outcome(dispatcher.spawn(Counter, { name: 'c' }))).toMatchObject({ code: 'timeout' })
  await dispatcher.close({ mode: 'kill' })
})

test('a store that returns no arrays, or cannot be opened, is told of', async () => {
  const wrong = { read: async () => 5, commit: async () => 5, close: async () => {} } as never as Store
  await using dispatcher = on(wrong)
  expect(await outcome(dispatcher.spawn(Counter, { name: 'c' }))).toMatchObject({ code: 'stored-failed' })
  class Unopened extends Counter {
    static override durable = durable({
      store: () => {
        throw new Error('no disk')
      },
    })
  }
  expect(await outcome(dispatcher.spawn(Unopened, { name: 'u' }))).toMatchObject({
    code: 'stored-failed',
    cause: new Error('no disk'),
  })
})
