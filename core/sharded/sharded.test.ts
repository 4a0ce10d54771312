import { describe, expect, test, vi } from 'vitest'
import { durable, memoryStore, type Store } from '../durable/index.js'
import { Actor, type ActorError, address, ask, Dispatcher, kill, type LinkOffer, type Peer, stop } from '../index.js'
import { single } from '../serving/listening.js'
import { type PairOptions, pair } from '../transport/pair.js'
import { bytes } from '../wire/bytes.js'
import { sharded, type Sharded } from './index.js'
import { ownerOf } from './ownership.js'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
const soon = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 20_000, interval: 5 })

class Room extends Actor {
  static durable = durable()
  static begun = 0
  #lines: string[] = []
  constructor(readonly key: string) {
    super()
  }
  override snapshot(): unknown {
    return this.#lines
  }
  override restore(lines: string[]): void {
    this.#lines = lines
  }
  say(text: string): number {
    return this.#lines.push(text)
  }
  lines(): string[] {
    return this.#lines
  }
  where(): [key: string, realm: string] {
    return [this.key, this.context.dispatcher.id]
  }
  id(): string {
    return address(this.context.self).id
  }
  async slow(text: string): Promise<number> {
    Room.begun++
    await open
    return this.say(text)
  }
  fail(): never {
    throw new TypeError('wrong')
  }
}
let open = Promise.resolve()

/** Dispatchers on one store, each linked with each; the first ones run rooms. */
class Cluster {
  readonly store: Store = memoryStore()
  readonly all: Dispatcher[] = []
  readonly rooms: Sharded<Room>[] = []
  readonly #links: { readonly ids: readonly string[]; cut(): void }[] = []

  static async of(hosts: number, others = 0): Promise<Cluster> {
    const cluster = new Cluster()
    for (let n = 0; n < hosts; n++) await cluster.add(Room)
    for (let n = 0; n < others; n++) await cluster.add('Room')
    await vi.waitUntil(async () => {
      const owners = await Promise.all(cluster.rooms.map(({ owner }) => owner('any')))
      return new Set(owners).size === 1
    })
    return cluster
  }

  async add(of: typeof Room | 'Room', id = `r${this.all.length}`): Promise<Dispatcher> {
    const one = new Dispatcher({ id, store: this.store, log: () => {} })
    for (const other of this.all) if (other.id !== id) await this.link(one, other)
    this.all.push(one)
    this.rooms.push(typeof of === 'string' ? sharded<Room>(one, of) : sharded(one, of))
    return one
  }

  async link(from: Dispatcher, to: Dispatcher, options: PairOptions & { offer?: LinkOffer } = {}): Promise<Peer> {
    const [near, far] = pair(options)
    await to.listen(single(far), options.offer)
    this.#links.push({ ids: [from.id, to.id], cut: () => far.close() })
    return from.connect(near)
  }

  /** Nobody hears of it any more, as after a crash. */
  isolate(id: string): void {
    for (const { ids, cut } of this.#links) if (ids.includes(id)) cut()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((each) => each.close({ mode: 'kill' })))
  }
}

const keys = Array.from({ length: 30 }, (_, n) => `room ${n}`)

describe('the actors of a class', () => {
  test('are spread over the realms, one for each key, whoever calls', async () => {
    await using cluster = await Cluster.of(3, 1)
    const owners = new Set<string>()
    for (const key of keys) {
      const places = await Promise.all(cluster.rooms.map(({ get }) => get(key).where()))
      expect(new Set(places.map(String)).size).toBe(1)
      const [[of, realm]] = places as [[string, string]]
      expect([of, realm]).toEqual([key, await cluster.rooms[3]!.owner(key)])
      owners.add(realm)
    }
    expect(owners).toEqual(new Set(['r0', 'r1', 'r2']))
    const counts = await Promise.all(cluster.rooms.map(({ get }) => get('one').say('hi')))
    expect(new Set(counts)).toEqual(new Set([1, 2, 3, 4]))
  })

  test('move with their state when a realm comes, and calls under way are done once', async () => {
    await using cluster = await Cluster.of(2, 1)
    const [, , rooms] = cluster.rooms as [never, never, Sharded<Room>]
    await Promise.all(keys.map((key) => rooms.get(key).say('first')))
    let go = (): void => {}
    open = new Promise((resolve) => (go = resolve))
    const slow = keys.map((key) => rooms.get(key).slow('second'))
    await cluster.add(Room, 'late')
    await soon(async () => expect(await Promise.all(keys.map(rooms.owner))).toContain('late'))
    const third = keys.map((key) => rooms.get(key).say('third'))
    go()
    expect(await Promise.all(slow)).toEqual(keys.map(() => 2))
    expect(await Promise.all(third)).toEqual(keys.map(() => 3))
    const places = await Promise.all(keys.map((key) => rooms.get(key).where()))
    expect(places.some(([, realm]) => realm === 'late')).toBe(true)
    for (const key of keys) expect(await rooms.get(key).lines()).toEqual(['first', 'second', 'third'])
  })

  test('go on where they run, for one who has just come', async () => {
    await using cluster = await Cluster.of(1)
    const [rooms] = cluster.rooms as [Sharded<Room>]
    await Promise.all(keys.map((key) => rooms.get(key).say('first')))
    await cluster.add(Room)
    const late = cluster.rooms[1]!
    const owners = await Promise.all(keys.map(late.owner))
    const places = await Promise.all(keys.map((key) => late.get(key).where()))
    expect(new Set(owners)).toEqual(new Set(['r0', 'r1']))
    expect(places.map(([, realm]) => realm)).toEqual(owners)
    expect(await Promise.all(keys.map(rooms.owner))).toEqual(owners)
  })

  test('go on elsewhere when their realm is closed', async () => {
    await using cluster = await Cluster.of(3, 1)
    const rooms = cluster.rooms[3]!
    await Promise.all(keys.map((key) => rooms.get(key).say('first')))
    const closing = cluster.all[0]!.close()
    expect(await Promise.all(keys.map((key) => rooms.get(key).say('second')))).toEqual(keys.map(() => 2))
    await closing
    expect(await Promise.all(keys.map((key) => rooms.get(key).say('third')))).toEqual(keys.map(() => 3))
  })

  test('go on elsewhere when their realm is gone, with calls that were under way', async () => {
    await using cluster = await Cluster.of(3, 1)
    const rooms = cluster.rooms[3]!
    await Promise.all(keys.map((key) => rooms.get(key).say('first')))
    open = new Promise(() => {})
    Room.begun = 0
    const slow = keys.map((key) => rooms.get(key).slow('second'))
    await soon(() => expect(Room.begun).toBe(keys.length))
    open = Promise.resolve()
    cluster.isolate('r1')
    // Those of the realm that is gone are done by the next one; the others still wait.
    const done = await Promise.all(slow.filter((_, n) => ownerOf(keys[n]!, ['r0', 'r1', 'r2']) === 'r1'))
    expect(done.length).toBeGreaterThan(0)
    expect(new Set(done)).toEqual(new Set([2]))
  })
})

describe('a call', () => {
  test('has the error of its handler, also one that looks like a lost way', async () => {
    class Odd extends Room {
      lose(): Promise<never> {
        return Promise.reject(new (Object.getPrototypeOf(this.#error).constructor as typeof Error)('x'))
      }
      get #error(): Error {
        return new RangeError('r')
      }
      async nested(): Promise<void> {
        const other = await this.context.spawn(Room, { args: ['n'], name: `n${this.key}` } as never)
        await stop(other)
        await this.context.ask(other).fail()
      }
    }
    await using cluster = await Cluster.of(1)
    const odd = sharded(cluster.all[0]!, Odd, { name: 'odd' }).get('k')
    expect(await outcome(odd.lose())).toBeInstanceOf(RangeError)
    expect(await outcome(odd.fail())).toBeInstanceOf(TypeError)
    expect(await outcome(odd.nested())).toMatchObject({ code: 'stopped', ran: 'maybe' })
  })

  test('waits for a realm that runs the actor, within its own time', async () => {
    await using cluster = await Cluster.of(0, 1)
    const room = cluster.rooms[0]!.get('a')
    expect(await outcome(ask(room, { timeout: 50 }).say('hi'))).toMatchObject({ code: 'timeout', ran: 'no' })
    const waiting = room.say('hi')
    await cluster.add(Room)
    expect(await waiting).toBe(1)
  })

  test('waits as long as others may take a realm for alive that is gone', async () => {
    const limits = { trusted: { heartbeat: 100, early: 100 } }
    await using one = new Dispatcher({ limits, log: () => {} })
    const room = sharded<Room>(one, 'Room').get('a')
    const start = performance.now()
    expect(await outcome(room.say('hi'))).toMatchObject({ code: 'unreachable', ran: 'no' })
    const took = performance.now() - start
    expect(took).toBeGreaterThan(280)
    expect(took).toBeLessThan(5 * 300)
  })

  test('starts an actor anew that was stopped or killed', async () => {
    await using cluster = await Cluster.of(2)
    for (const { get } of cluster.rooms) {
      const room = get('a')
      await room.say('x')
      await stop(room)
      await room.say('x')
      await kill(room)
      await room.say('x')
    }
    expect(await cluster.rooms[0]!.get('a').lines()).toHaveLength(6)
  })

  test('fails with what the actor does not start with, and later ones try again', async () => {
    let fails = true
    class Moody extends Room {
      override onStart(): void {
        if (fails) throw new Error('not now')
      }
    }
    await using cluster = await Cluster.of(2)
    const [one] = cluster.all.map((each) => sharded(each, Moody, { name: 'moody' })) as [Sharded<Moody>]
    await soon(async () => expect(await one.owner('b')).toBeDefined())
    const calls = ['a', 'b', 'c', 'd'].map((key) => outcome(one.get(key).say('x')))
    for (const call of await Promise.all(calls)) expect(call).toMatchObject({ code: 'start-failed', ran: 'no' })
    fails = false
    expect(await one.get('b').say('x')).toBe(1)
  })
})

test('a realm that was cut off and comes back has no old state', async () => {
  await using cluster = await Cluster.of(2, 1)
  const rooms = cluster.rooms[2]!
  const mine = keys.filter((key) => ownerOf(key, ['r0', 'r1']) === 'r1')
  for (const key of mine) await rooms.get(key).say('before')
  cluster.isolate('r1')
  for (const key of mine) expect(await rooms.get(key).say('meanwhile')).toBe(2)
  const [r0, r1, r2] = cluster.all as [Dispatcher, Dispatcher, Dispatcher]
  await cluster.link(r1, r0)
  await cluster.link(r2, r1)
  await soon(async () => expect(await rooms.owner(mine[0]!)).toBe('r1'))
  for (const key of mine) expect(await rooms.get(key).lines()).toEqual(['before', 'meanwhile'])
  for (const key of mine) expect(await cluster.rooms[1]!.get(key).say('after')).toBe(3)
})

test('a realm that is started again under its id gives no key the id of another one, by which its proxy would find it', async () => {
  await using cluster = await Cluster.of(2, 1)
  const rooms = cluster.rooms[2]!
  const mine = keys.filter((key) => ownerOf(key, ['r0', 'r1']) === 'r1')
  const before = await Promise.all(mine.map((key) => rooms.get(key).id()))
  cluster.isolate('r1')
  await cluster.add(Room, 'r1')
  await vi.waitUntil(async () => (await rooms.owner(mine[0]!)) === 'r1')
  for (const key of mine) expect(await rooms.get(key).where()).toEqual([key, 'r1'])
  const after = await Promise.all(mine.map((key) => rooms.get(key).id()))
  expect(new Set([...before, ...after]).size).toBe(2 * mine.length)
})

test('an untrusted peer that was granted the name reaches the actors over its server, wherever they run', async () => {
  await using cluster = await Cluster.of(2)
  const tab = new Dispatcher({ id: 'tab', log: () => {} })
  const untrusted = { codec: bytes, payload: 'bytes', trusted: false } as const
  await cluster.link(tab, cluster.all[0]!, { ...untrusted, offer: { authorize: () => ({ names: ['sharded:Room'] }) } })
  const rooms = sharded<Room>(tab, 'Room')
  const places = await Promise.all(keys.map((key) => rooms.get(key).where()))
  expect(new Set(places.map(([, realm]) => realm))).toEqual(new Set(['r0', 'r1']))
  await tab.close()
})

test('keys stay where they are, but for those of realms that come or go', () => {
  const many = Array.from({ length: 3_000 }, (_, n) => `key ${n}`)
  const before = many.map((key) => ownerOf(key, ['a', 'b', 'c']))
  const after = many.map((key) => ownerOf(key, ['d', 'c', 'b', 'a']))
  const counts = ['a', 'b', 'c'].map((id) => before.filter((owner) => owner === id).length)
  expect(Math.min(...counts)).toBeGreaterThan(900)
  const moved = many.filter((_, n) => before[n] !== after[n])
  expect(moved.length).toBeGreaterThan(600)
  expect(moved.length).toBeLessThan(900)
  expect(moved.every((key) => ownerOf(key, ['a', 'b', 'c', 'd']) === 'd')).toBe(true)
  expect(ownerOf('a', [])).toBeUndefined()
})

test('wrong arguments are refused', async () => {
  await using cluster = await Cluster.of(1)
  const [one] = cluster.all as [Dispatcher]
  const any = sharded as (...args: unknown[]) => Sharded<unknown>
  for (const args of [
    [one],
    [one, 5],
    [one, class {}],
    [{}, Room],
    [one, Room, null],
    [one, Room, { name: 'a/b' }],
    [one, ''],
  ])
    expect(() => any(...args)).toThrow(expect.objectContaining({ code: 'malformed' }) as ActorError)
  for (const key of ['', 5, 'x'.repeat(257)])
    expect(() => cluster.rooms[0]!.get(key as string)).toThrow(
      expect.objectContaining({ code: 'malformed' }) as ActorError,
    )
  class Other extends Room {}
  expect(() => sharded(one, Other, { name: 'Room' })).toThrow(
    expect.objectContaining({ code: 'name-taken' }) as ActorError,
  )
  expect(sharded(one, Room)).toBe(cluster.rooms[0])
  await one.close()
  expect(await outcome(cluster.rooms[0]!.get('a').say('x'))).toMatchObject({ code: 'stopped', ran: 'no' })
})
