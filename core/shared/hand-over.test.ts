import { describe, expect, test } from 'vitest'
import { ask, type AskOptions, type Proxy } from '../index.js'
import { linkedPair, virtualClock } from '../testing/index.js'
import { BoundedSemaphore, Channel, Condition, Iterator, JoinableQueue, Lock, Queue, Semaphore } from './index.js'

const actors = { BoundedSemaphore, Channel, Condition, Iterator, JoinableQueue, Lock, Queue, Semaphore }
type Key = keyof typeof actors
type Make = <K extends Key>(key: K, ...args: unknown[]) => Promise<Proxy<InstanceType<(typeof actors)[K]>>>

/** Microtasks; a call over the link takes fewer. */
const MOMENTS = 40

/** Makes shared objects in the realm of the test, or behind a link. */
async function realms(where: string) {
  const clock = virtualClock()
  const { near, peer, close } = await linkedPair({ actors, dispatcher: { env: clock, log: () => {} } })
  const make: Make = (key, ...args) =>
    (where === 'here'
      ? near.spawn(actors[key] as never, { args } as never)
      : peer.spawn(key, { args } as never)) as never
  return { clock, make, [Symbol.asyncDispose]: () => close({ mode: 'kill' }) }
}

/** Makes a call and gives it up so many microtasks later. */
async function giveUp(moment: number, call: (options: AskOptions) => Promise<unknown>): Promise<void> {
  const controller = new AbortController()
  const outcome = call({ signal: controller.signal }).catch(() => {})
  for (let turn = 0; turn < moment; turn++) await undefined
  controller.abort()
  await outcome
}

/** One thing that is there for one taker. */
interface Source {
  put(): unknown
  take(options: AskOptions, took: () => void): Promise<unknown>
  /** Takes what is left, and says how many that are. */
  rest(): Promise<number>
}

async function drained(queue: Proxy<Queue<number>>): Promise<number> {
  const size = await queue.size()
  for (let left = size; left > 0; left--) await queue.get()
  return size
}

async function read(items: AsyncIterable<unknown>, took: () => void): Promise<void> {
  for await (const _ of items) took()
}

async function permits(semaphore: Proxy<Semaphore>): Promise<Source> {
  return {
    put: () => semaphore.add(),
    take: (options, took) => ask(semaphore, options).take().then(took),
    rest: async () => {
      const free = await semaphore.available()
      if (free > 0) await semaphore.take(free)
      return free
    },
  }
}

async function locks(make: Make, how: 'acquire' | 'tryAcquire'): Promise<Source> {
  const lock = await make('Lock')
  let token = await lock.acquire()
  const holds = (next: number | undefined): boolean => {
    if (next !== undefined) token = next
    return next !== undefined
  }
  return {
    put: () => lock.release(token),
    take: async (options, took) => holds(await ask(lock, options)[how]()) && took(),
    rest: async () => Number(holds(await lock.tryAcquire())),
  }
}

const sources: Record<string, (make: Make) => Promise<Source>> = {
  'Queue.get': async (make) => {
    const queue = (await make('Queue')) as Proxy<Queue<number>>
    return {
      put: () => queue.put(1),
      take: (options, took) => ask(queue, options).get().then(took),
      rest: () => drained(queue),
    }
  },
  'Queue.tryGet': async (make) => {
    const queue = (await make('Queue')) as Proxy<Queue<number>>
    const take: Source['take'] = async (options, took) => (await ask(queue, options).tryGet()) && took()
    return { put: () => queue.put(1), take, rest: () => drained(queue) }
  },
  'Queue.items': async (make) => {
    const queue = (await make('Queue')) as Proxy<Queue<number>>
    return {
      put: () => queue.put(1),
      take: (options, took) => read(ask(queue, options).items(), took),
      rest: () => drained(queue),
    }
  },
  'JoinableQueue.get': async (make) => {
    const queue = (await make('JoinableQueue')) as Proxy<JoinableQueue<number>>
    return {
      put: () => queue.put(1),
      take: (options, took) => ask(queue, options).get().then(took),
      rest: () => drained(queue),
    }
  },
  'Channel.receive': async (make) => {
    const channel = await make('Channel', 1)
    const rest = async (): Promise<number> => {
      const size = await channel.size()
      if (size > 0) await channel.receive()
      return size
    }
    return { put: () => channel.send(1), take: (options, took) => ask(channel, options).receive().then(took), rest }
  },
  'Iterator.next': async (make) => {
    const iterator = (await make(
      'Iterator',
      Array.from({ length: 1_000 }, (_, n) => n),
    )) as Proxy<Iterator<number>>
    let next = 0
    const rest = async (): Promise<number> => {
      const value = (await iterator.next()).value!
      const isLeft = value === next
      next = value + 1
      return Number(isLeft)
    }
    return { put: () => {}, take: (options, took) => ask(iterator, options).next().then(took), rest }
  },
  'Semaphore.take': async (make) => permits(await make('Semaphore', 0)),
  'BoundedSemaphore.take': async (make) => {
    const semaphore = await make('BoundedSemaphore', 1)
    await semaphore.take()
    return permits(semaphore)
  },
  'Lock.acquire': (make) => locks(make, 'acquire'),
  'Lock.tryAcquire': (make) => locks(make, 'tryAcquire'),
}

describe.each(['here', 'there'])('what is %s and taken by a caller that gives up at any moment', (where) => {
  test.each(Object.keys(sources))('is had by that caller or by the next one: %s', async (name) => {
    await using r = await realms(where)
    const source = await sources[name]!(r.make)
    const wrong: unknown[] = []
    for (const isEarly of [true, false]) {
      for (let moment = 0; moment < MOMENTS; moment++) {
        let taken = 0
        if (isEarly) await source.put()
        const given = giveUp(moment, (options) => source.take(options, () => taken++))
        if (!isEarly) void source.put()
        await given
        await r.clock.advance(0)
        const rest = await source.rest()
        if (taken + rest !== 1) wrong.push({ isEarly, moment, taken, rest })
      }
    }
    expect(wrong).toEqual([])
  })

  test('never makes a bounded semaphore larger', async () => {
    await using r = await realms(where)
    const semaphore = await r.make('BoundedSemaphore', 2)
    for (let moment = 0; moment < MOMENTS; moment++) {
      let taken = 0
      await giveUp(moment, (options) =>
        ask(semaphore, options)
          .take(2)
          .then(() => taken++),
      )
      await r.clock.advance(0)
      if (taken > 0) await semaphore.add(2)
    }
    expect(await semaphore.available()).toBe(2)
    await expect(semaphore.add()).rejects.toMatchObject({ code: 'malformed' })
  })

  test('is a notification that wakes that caller or the next one', async () => {
    await using r = await realms(where)
    const lost: number[] = []
    for (let moment = 0; moment < MOMENTS; moment++) {
      const condition = await r.make('Condition')
      const first = await condition.acquire()
      let token: number | undefined
      const controller = new AbortController()
      const waits = ask(condition, controller)
        .wait(first)
        .then(
          (next) => (token = next),
          () => {},
        )
      const second = await condition.acquire()
      let isAwake = false
      void condition.wait(second).then(
        () => (isAwake = true),
        () => {},
      )
      const third = await condition.acquire()
      await condition.notify(third)
      void condition.release(third)
      for (let turn = 0; turn < moment; turn++) await undefined
      controller.abort()
      await waits
      await r.clock.advance(0)
      if ((token === undefined) !== isAwake) lost.push(moment)
    }
    expect(lost).toEqual([])
  })
})
