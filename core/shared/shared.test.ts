import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Actor, type ActorError, ask, type Dispatcher, kill, type Proxy, stop, tell } from '../index.js'
import { type LinkedPair, linkedPair, virtualClock } from '../testing/index.js'
import {
  acquire,
  Barrier,
  Channel,
  Condition,
  Event,
  Iterator,
  JoinableQueue,
  Namespace,
  Queue,
  SharedArray,
  SharedMap,
  Value,
} from './index.js'

let clock = virtualClock()
let pair: LinkedPair<Record<string, never>>
/** The realm of the shared objects, and one that calls them over a link. */
let [near, far]: Dispatcher[] = []

beforeEach(async () => {
  clock = virtualClock()
  pair = (await linkedPair({ dispatcher: { env: clock, log: () => {} } })) as never
  ;({ near, far } = pair)
})
afterEach(() => pair.close({ mode: 'kill' }))

/** As the other realm sees it. */
const there = async <A>(here: Promise<Proxy<A>>): Promise<Proxy<A>> => {
  await here
  return (await near!.lookup<A>('shared'))!
}
const name = 'shared'

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    ({ code }: ActorError) => code,
  )

/** Whether each is settled, once all that can happen now has happened. */
async function settled(...promises: Promise<unknown>[]): Promise<boolean[]> {
  const done = promises.map(() => false)
  promises.forEach((promise, n) => void promise.then(() => (done[n] = true)))
  await clock.advance(0)
  return done
}

const aborted = (): readonly [AbortSignal, () => void] => {
  const controller = new AbortController()
  return [controller.signal, () => controller.abort()]
}

describe('an Event', () => {
  test('lets those go on who wait, and those who come while it is set', async () => {
    const event = await there(far!.spawn(Event, { name }))
    const [signal, abort] = aborted()
    const waits = [event.wait(), event.wait()]
    const leaves = codeOf(ask(event, { signal }).wait())
    expect(await settled(...waits)).toEqual([false, false])
    abort()
    expect(await leaves).toBe('aborted')
    await event.set()
    await Promise.all([...waits, event.wait()])
    expect(await event.isSet()).toBe(true)
    await event.clear()
    expect(await settled(ask(event, { timeout: 5_000 }).wait())).toEqual([false])
    await event.set()
  })
})

describe('a Barrier', () => {
  test('lets all go on at once, each with its place, again and again', async () => {
    const barrier = await there(far!.spawn(Barrier, { name, args: [3] }))
    for (let round = 0; round < 2; round++) {
      const early = [barrier.wait(), barrier.wait()]
      expect(await settled(...early)).toEqual([false, false])
      expect(await barrier.waiting()).toBe(2)
      expect(await Promise.all([...early, barrier.wait()])).toEqual([0, 1, 2])
    }
    expect(await barrier.parties()).toBe(3)
  })

  test('is broken for all when one that waits gives up, until it is reset', async () => {
    const barrier = await there(far!.spawn(Barrier, { name, args: [3] }))
    const waits = codeOf(barrier.wait())
    const late = codeOf(ask(barrier, { timeout: 100 }).wait())
    await clock.advance(200)
    expect([await late, await waits]).toEqual(['timeout', 'aborted'])
    expect(await codeOf(barrier.wait())).toBe('aborted')
    expect(await barrier.isBroken()).toBe(true)
    await barrier.reset()
    expect(await Promise.all([barrier.wait(), barrier.wait(), barrier.wait()])).toEqual([0, 1, 2])
  })

  test('is broken when the link of one that waits ends', async () => {
    const barrier = await far!.spawn(Barrier, { name, args: [3] })
    const theirs = codeOf((await near!.lookup<Barrier>(name))!.wait())
    const ours = codeOf(barrier.wait())
    await clock.advance(0)
    await near!.close({ mode: 'kill' })
    expect([await theirs, await ours]).toEqual(['unknown', 'aborted'])
  })
})

describe('a Condition', () => {
  test('lets those who wait have the lock again, one after the other, with new tokens', async () => {
    const condition = await there(far!.spawn(Condition, { name }))
    const log: string[] = []
    const worker = async (id: string): Promise<void> => {
      await using held = await acquire(condition)
      log.push(`${id} waits`)
      const token = await condition.wait(held.token)
      expect(token).toBeGreaterThan(held.token)
      expect([await condition.check(held.token), await condition.check(token)]).toEqual([false, true])
      log.push(`${id} goes on`)
    }
    const workers = [worker('a'), worker('b'), worker('c')]
    await clock.advance(0)
    expect(log).toEqual(['a waits', 'b waits', 'c waits'])
    const held = await acquire(condition)
    await condition.notify(held.token)
    expect(await settled(...workers)).toEqual([false, false, false])
    await held.release()
    expect(await settled(...workers)).toEqual([true, false, false])
    const again = await acquire(condition)
    await condition.notifyAll(again.token)
    await again.release()
    await Promise.all(workers)
    expect(log.slice(3)).toEqual(['a goes on', 'b goes on', 'c goes on'])
    expect(await condition.locked()).toBe(false)
  })

  test('waits no longer than its timeout, and has the lock then', async () => {
    const condition = await there(far!.spawn(Condition, { name }))
    const held = await acquire(condition)
    const waits = condition.wait(held.token, { timeout: 100 })
    await clock.advance(50)
    const other = await acquire(condition)
    await clock.advance(100)
    expect(await settled(waits)).toEqual([false])
    await other.release()
    expect(await condition.check(await waits)).toBe(true)
    await held.release()
    expect(await condition.locked()).toBe(false)
  })

  test('is lost to one that gives up, or whose stream ends, while it waits', async () => {
    const condition = await there(far!.spawn(Condition, { name }))
    const [signal, abort] = aborted()
    const first = await acquire(condition)
    const gaveUp = codeOf(ask(condition, { signal }).wait(first.token))
    const second = await acquire(condition)
    const left = codeOf(condition.wait(second.token))
    await clock.advance(0)
    abort()
    await second.release()
    await clock.advance(0)
    expect([await gaveUp, await left]).toEqual(['aborted', 'expired'])
    expect(first.signal.aborted).toBe(true)
    expect(await condition.locked()).toBe(false)
    expect((await acquire(condition)).token).toBeGreaterThan(second.token)
  })

  test('wakes another one in place of one that was notified and gave up before it had the lock', async () => {
    const condition = await there(far!.spawn(Condition, { name }))
    const [signal, abort] = aborted()
    const first = await acquire(condition)
    const gaveUp = codeOf(ask(condition, { signal }).wait(first.token))
    const second = await acquire(condition)
    const next = condition.wait(second.token)
    const third = await acquire(condition)
    await condition.notify(third.token)
    abort()
    expect(await gaveUp).toBe('aborted')
    await third.release()
    expect(await condition.check(await next)).toBe(true)
  })

  test('refuses a stale token', async () => {
    const condition = await there(far!.spawn(Condition, { name }))
    const held = await acquire(condition)
    await held.release()
    expect(await codeOf(condition.wait(held.token))).toBe('expired')
    expect(await codeOf(condition.notify(held.token))).toBe('expired')
    expect(await codeOf(condition.notifyAll(held.token))).toBe('expired')
  })
})

describe('a Queue', () => {
  test('gives each item to one taker, in order, and makes those wait who find it full', async () => {
    const queue = await there(far!.spawn(Queue<number>, { name, args: [2] }))
    const puts = [1, 2, 3, 4].map((n) => queue.put(n))
    expect(await settled(...puts)).toEqual([true, true, false, false])
    expect([await queue.size(), await queue.tryPut(5)]).toEqual([2, false])
    expect(await queue.get()).toBe(1)
    expect(await settled(...puts)).toEqual([true, true, true, false])
    expect([await queue.tryGet(), await queue.get(), await queue.get(), await queue.tryGet()]).toEqual([
      2,
      3,
      4,
      undefined,
    ])
    const gets = [queue.get(), queue.get()]
    expect(await queue.tryPut(6)).toBe(true)
    await queue.put(7)
    expect(await Promise.all(gets)).toEqual([6, 7])
  })

  test('loses no item to a taker that gives up, and none of one that gave up', async () => {
    const queue = await there(far!.spawn(Queue<number>, { name, args: [1] }))
    const late = codeOf(ask(queue, { timeout: 100 }).get())
    const gets = queue.get()
    await clock.advance(200)
    expect(await late).toBe('timeout')
    await queue.put(1)
    expect(await gets).toBe(1)
    await queue.put(2)
    const [signal, abort] = aborted()
    const aborts = codeOf(ask(queue, { signal }).put(3))
    const puts = queue.put(4)
    await clock.advance(0)
    abort()
    expect(await aborts).toBe('aborted')
    expect([await queue.get(), await queue.get()]).toEqual([2, 4])
    await puts
    expect(await queue.size()).toBe(0)
  })

  test('loses no item to one that gives up at the moment in which it comes', async () => {
    const lost: number[] = []
    for (let moment = 0; moment < 20; moment++) {
      const queue = await far!.spawn(Queue<number>)
      const [signal, abort] = aborted()
      const gets = codeOf(ask(queue, { signal }).get())
      await clock.advance(0)
      tell(queue).put(1)
      for (let turn = 0; turn < moment; turn++) await undefined
      abort()
      const got = await gets
      await clock.advance(0)
      if (got !== 1 && (await queue.tryGet()) !== 1) lost.push(moment)
    }
    expect(lost).toEqual([])
  })

  test('is read by several loops, to its end', async () => {
    const queue = await there(far!.spawn(Queue<number>, { name, args: [3] }))
    const read: number[][] = [[], []]
    const loops = read.map(async (items) => {
      for await (const item of queue.items()) items.push(item)
    })
    for (let n = 0; n < 100; n++) await queue.put(n)
    await queue.close()
    await Promise.all(loops)
    expect(read.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n))
    expect(read.every((items) => items.length > 0)).toBe(true)
  })

  test('loses no item to a loop that is left while it waits', async () => {
    const queue = await there(far!.spawn(Queue<number>, { name }))
    const [signal, abort] = aborted()
    const loop = codeOf(
      (async () => {
        for await (const item of ask(queue, { signal }).items()) throw new Error(`took ${item}`)
      })(),
    )
    await clock.advance(0)
    abort()
    expect(await loop).toBe('aborted')
    await queue.put(1)
    expect(await queue.get()).toBe(1)
  })

  test('that is closed refuses items, and gives those that it has', async () => {
    const queue = await there(far!.spawn(Queue<number>, { name, args: [1] }))
    await queue.put(1)
    const refused = codeOf(queue.put(2))
    await queue.close()
    expect([await refused, await codeOf(queue.put(3)), await codeOf(queue.tryPut(4))]).toEqual([
      'stopped',
      'stopped',
      'stopped',
    ])
    expect([await queue.get(), await codeOf(queue.get())]).toEqual([1, 'stopped'])
  })

  test('refuses a limit that is none', async () => {
    expect(await codeOf(far!.spawn(Queue, { args: [-1] }))).toBe('start-failed')
  })
})

describe('a JoinableQueue', () => {
  test('tells when all tasks are done', async () => {
    const queue = await there(far!.spawn(JoinableQueue<number>, { name }))
    await queue.join()
    for (const n of [1, 2, 3]) await queue.put(n)
    const joins = queue.join()
    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual([1, 2, 3])
    await queue.taskDone()
    await queue.taskDone()
    expect(await settled(joins)).toEqual([false])
    expect(await queue.unfinished()).toBe(1)
    await queue.taskDone()
    await joins
    expect(await codeOf(queue.taskDone())).toBe('malformed')
  })

  test('takes a task to be done when the next one is asked for', async () => {
    const queue = await there(far!.spawn(JoinableQueue<number>, { name }))
    const took: number[] = []
    for (const n of [1, 2, 3]) await queue.put(n)
    const joins = queue.join()
    const loop = (async () => {
      for await (const task of queue.take()) {
        took.push(task)
        expect(await queue.unfinished()).toBe(4 - task)
      }
    })()
    await joins
    await queue.close()
    await loop
    expect(took).toEqual([1, 2, 3])
  })

  test('gives a task of a loop that is left to the next taker, also once it is closed', async () => {
    const queue = await there(far!.spawn(JoinableQueue<number>, { name }))
    for (const n of [1, 2]) await queue.put(n)
    await queue.close()
    const failing = async (): Promise<void> => {
      for await (const task of queue.take()) throw new Error(`failed at ${task}`)
    }
    await expect(failing()).rejects.toThrow('failed at 1')
    const took: number[] = []
    for await (const task of queue.take(1)) took.push(task)
    expect([took, await queue.unfinished()]).toEqual([[1], 1])
    for await (const task of queue.take()) took.push(task)
    expect(took).toEqual([1, 2])
    await queue.join()
  })

  test('gives a task of a realm that died to a taker that waits for the end', async () => {
    const queue = await far!.spawn(JoinableQueue<number>, { name })
    const remote = (await near!.lookup<JoinableQueue<number>>(name))!
    await queue.put(1)
    const theirs = remote.take()[Symbol.asyncIterator]()
    expect(await theirs.next()).toEqual({ value: 1, done: false })
    await queue.close()
    const took: number[] = []
    const loop = (async () => {
      for await (const task of queue.take()) took.push(task)
    })()
    expect(await settled(loop, queue.join())).toEqual([false, false])
    await near!.close({ mode: 'kill' })
    await loop
    await queue.join()
    expect(took).toEqual([1])
  })
})

describe('a Channel', () => {
  test('makes each sender wait for a receiver', async () => {
    const channel = await there(far!.spawn(Channel<string>, { name }))
    const sends = [channel.send('a'), channel.send('b')]
    expect(await settled(...sends)).toEqual([false, false])
    expect(await channel.receive()).toEqual({ value: 'a', done: false })
    expect(await settled(...sends)).toEqual([true, false])
    expect(await channel.receive()).toEqual({ value: 'b', done: false })
    const receives = channel.receive()
    await channel.send('c')
    expect(await receives).toEqual({ value: 'c', done: false })
    const last = channel.receive()
    await channel.close()
    expect(await last).toEqual({ value: undefined, done: true })
    expect(await codeOf(channel.send('d'))).toBe('stopped')
    expect(await channel.isClosed()).toBe(true)
  })

  test('carries items of many senders to many receivers, each to one', async () => {
    const channel = await there(far!.spawn(Channel<string>, { name, args: [4] }))
    const got: string[] = []
    const receivers = Array.from({ length: 3 }, async () => {
      for await (const item of channel.items()) got.push(item)
    })
    const senders = ['a', 'b', 'c', 'd'].map(async (sender) => {
      for (let n = 0; n < 25; n++) await channel.send(`${sender}${n}`)
    })
    await Promise.all(senders)
    await channel.close()
    await Promise.all(receivers)
    expect(got).toHaveLength(100)
    expect(new Set(got).size).toBe(100)
  })
})

describe('a Value', () => {
  test('is set, compared, added to and changed by a function', async () => {
    const value = await there(far!.spawn(Value<number>, { name, args: [1] }))
    await value.set(2)
    expect(await value.compareAndSet(1, 5)).toBe(false)
    expect(await value.compareAndSet(2, 5)).toBe(true)
    expect(await value.add(10)).toBe(15)
    expect(await value.update((n) => n * 2)).toBe(30)
    const fails = value.update(() => Promise.reject(new TypeError('wrong')))
    await expect(fails).rejects.toThrow('wrong')
    expect(await value.get()).toBe(30)
  })

  test('loses no change of functions that take their time, and goes on when the realm of one dies', async () => {
    const value = await far!.spawn(Value<number>, { name, args: [0] })
    const remote = (await near!.lookup<Value<number>>(name))!
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? value : remote).update(async (count) => {
          await Promise.resolve()
          return count + 1
        }),
      ),
    )
    expect(await value.get()).toBe(20)
    const hangs = codeOf(remote.update(() => new Promise(() => {})))
    await clock.advance(0)
    const after = value.add(1)
    expect(await settled(after)).toEqual([false])
    await near!.close({ mode: 'kill' })
    expect([await hangs, await after]).toEqual(['unknown', 21])
  })

  test('goes on when the caller whose function takes its time gives up', async () => {
    const value = await far!.spawn(Value<number>, { name, args: [1] })
    for (const each of [value, (await near!.lookup<Value<number>>(name))!]) {
      const late = codeOf(ask(each, { timeout: 100 }).update(() => new Promise(() => {})))
      const after = each.add(1)
      await clock.advance(200)
      expect(await late).toBe('timeout')
      await after
    }
    expect(await value.get()).toBe(3)
  })

  test('refuses a function that would wait for itself', async () => {
    const value = await there(far!.spawn(Value<number>, { name, args: [0] }))
    expect(await codeOf(value.update(async () => value.get()))).toBe('cycle')
  })
})

test('a Namespace has named values, each of its type', async () => {
  const settings = await there(
    far!.spawn(Namespace<{ theme: string; size: number }>, { name, args: [{ theme: 'dark', size: 1 }] }),
  )
  const size: number = await settings.get('size')
  await settings.set('size', size + 1)
  await settings.assign({ theme: 'light' })
  expect(await settings.all()).toEqual({ theme: 'light', size: 2 })
  expect([await settings.has('theme'), await settings.delete('theme'), await settings.has('theme')]).toEqual([
    true,
    true,
    false,
  ])
  // @ts-expect-error a number is wanted
  void settings.set('size', 'large')
})

test('a Namespace takes no name for that of a method', async () => {
  const names = await there(far!.spawn(Namespace<Record<string, unknown>>, { name }))
  await names.set('__proto__', { polluted: true })
  await names.set('constructor', 1)
  expect(await names.get('toString')).toBe(undefined)
  expect(await names.get('__proto__')).toEqual({ polluted: true })
  expect(({} as { polluted?: unknown }).polluted).toBe(undefined)
})

test('a SharedMap is a Map', async () => {
  const map = await there(far!.spawn(SharedMap<string, number>, { name, args: [[['a', 1]]] }))
  await map.set('b', 2)
  await map.assign([
    ['c', 3],
    ['d', 4],
  ])
  expect([await map.get('b'), await map.get('e'), await map.has('a'), await map.size()]).toEqual([
    2,
    undefined,
    true,
    4,
  ])
  expect([await map.delete('d'), await map.delete('d')]).toEqual([true, false])
  expect([await map.getOrInsert('a', 9), await map.getOrInsert('e', 9)]).toEqual([1, 9])
  expect(await map.update('a', (value = 0) => value + 1)).toBe(2)
  expect(await map.entries()).toEqual([
    ['a', 2],
    ['b', 2],
    ['c', 3],
    ['e', 9],
  ])
  expect([await map.keys(), await map.values()]).toEqual([
    ['a', 'b', 'c', 'e'],
    [2, 2, 3, 9],
  ])
  await map.clear()
  expect(await map.size()).toBe(0)
})

test('a SharedArray is an Array', async () => {
  const array = await there(far!.spawn(SharedArray<string>, { name, args: [['a', 'b']] }))
  expect([await array.push('c', 'd'), await array.unshift('z')]).toEqual([4, 5])
  expect([await array.pop(), await array.shift(), await array.length()]).toEqual(['d', 'z', 3])
  expect([await array.at(0), await array.at(-1), await array.at(7)]).toEqual(['a', 'c', undefined])
  await array.set(-1, 'C')
  expect(await array.update(0, (item) => item + item)).toBe('aa')
  expect(await array.slice()).toEqual(['aa', 'b', 'C'])
  expect([await array.includes('b'), await array.indexOf('C'), await array.indexOf('x')]).toEqual([true, 2, -1])
  expect(await array.splice(1, 1, 'x', 'y')).toEqual(['b'])
  expect(await array.splice(2)).toEqual(['y', 'C'])
  expect(await array.slice(0, 1)).toEqual(['aa'])
  for (const index of [2, -3, 0.5]) expect(await codeOf(array.set(index, 'no'))).toBe('malformed')
})

describe('an Iterator', () => {
  let ended = 0
  beforeEach(() => (ended = 0))

  function* numbers(to: number): Generator<number> {
    try {
      for (let n = 1; n <= to; n++) yield n
    } finally {
      ended++
    }
  }

  test('gives each item to one of its readers', async () => {
    const iterator = await far!.spawn(Iterator<number>, { name, args: [numbers(50)] })
    const remote = (await near!.lookup<Iterator<number>>(name))!
    const got: number[][] = [[], []]
    const readers = [iterator, remote].map(async (each, reader) => {
      for (let next = await each.next(); !next.done; next = await each.next()) got[reader]!.push(next.value)
    })
    await Promise.all(readers)
    expect(got.flat().toSorted((a, b) => a - b)).toEqual([...numbers(50)])
    expect(got.every((items) => items.length > 0)).toBe(true)
  })

  test('reads a generator of another realm, and ends it', async () => {
    class Source extends Actor {
      async *numbers(): AsyncGenerator<number> {
        yield* numbers(5)
      }
    }
    const source = await near!.spawn(Source)
    class Host extends Actor {
      async share(items: AsyncIterable<number>): Promise<void> {
        await far!.spawn(Iterator<number>, { name, args: [items] })
      }
    }
    await far!.spawn(Host, { name: 'host' })
    const host = (await near!.lookup<Host>('host'))!
    await host.share(await (source.numbers() as never))
    const iterator = (await near!.lookup<Iterator<number>>(name))!
    expect([(await iterator.next()).value, (await iterator.next()).value]).toEqual([1, 2])
    await iterator.return()
    await clock.advance(0)
    expect(ended).toBe(1)
    expect(await iterator.next()).toMatchObject({ done: true })
  })

  test('keeps an item whose reader gave up for the next one, and ends its source with itself', async () => {
    let give: (value: number) => void
    const source: AsyncIterable<number> & AsyncIterator<number> = {
      [Symbol.asyncIterator]: () => source,
      next: () => new Promise((resolve) => (give = (value) => resolve({ value, done: false }))),
      return: async () => {
        ended++
        return { value: undefined, done: true }
      },
    }
    const iterator = await far!.spawn(Iterator<number>, { name, args: [source] })
    const remote = (await near!.lookup<Iterator<number>>(name))!
    const late = codeOf(ask(remote, { timeout: 100 }).next())
    await clock.advance(200)
    expect(await late).toBe('timeout')
    give!(7)
    expect(await remote.next()).toEqual({ value: 7, done: false })
    await iterator[Symbol.asyncDispose]()
    expect(ended).toBe(1)
  })
})

test('what waits ends when its actor does', async () => {
  const event = await far!.spawn(Event)
  const waits = codeOf(event.wait())
  await kill(event)
  expect(await waits).toBe('stopped')
})

test('a stop lets calls that wait finish, for 30 s', async () => {
  const queue = await far!.spawn(Queue<number>)
  const [first, second] = [queue.get(), codeOf(queue.get())]
  await clock.advance(0)
  const stops = stop(queue)
  await clock.advance(1_000)
  await queue.put(1)
  expect(await first).toBe(1)
  expect(await settled(second, stops)).toEqual([false, false])
  await clock.advance(60_000)
  expect(await second).toBe('stopped')
  await stops
})

test('a stop ends loops that wait at once', async () => {
  const queue = await far!.spawn(Queue<number>)
  const loop = codeOf(
    (async () => {
      for await (const _ of queue.items());
    })(),
  )
  await clock.advance(0)
  await stop(queue)
  expect(await loop).toBe('stopped')
})
