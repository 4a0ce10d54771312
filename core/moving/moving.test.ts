import { describe, expect, test } from 'vitest'
import {
  Actor,
  ActorError,
  type Actors,
  address,
  Dispatcher,
  ended,
  info,
  isAlive,
  kill,
  monitor,
  type Peer,
  ping,
  type Proxy,
  read,
  resume,
  same,
  stop,
  suspend,
  tell,
} from '../index.js'
import { group } from '../group/index.js'
import { single } from '../serving/listening.js'
import { pair } from '../transport/pair.js'
import { movable, move } from './index.js'

/** What `onStop` was told, in any realm. */
let stops: unknown[] = []

class Counter extends Actor {
  static movable = movable('Counter', { version: 3 })
  static exposed = [
    'count',
    'increment',
    'record',
    'log',
    'me',
    'hold',
    'release',
    'adder',
    'goTo',
    'countTo',
    'spawnChild',
  ]
  count: number
  readonly #log: unknown[] = []
  #release = (): void => {}
  constructor(start = 0) {
    super()
    this.count = start
  }
  override onStart(): void {
    this.#log.push('start')
  }
  override onStop(reason: unknown): void {
    stops.push(reason)
  }
  override snapshot(): unknown {
    return { count: this.count, log: this.#log }
  }
  override restore({ count, log }: { count: number; log: unknown[] }, version: number): void {
    this.count = count
    this.#log.push(...log, `version ${version}`)
  }
  increment(by = 1): number {
    return (this.count += by)
  }
  record(item: unknown): void {
    this.#log.push(item)
  }
  log(): unknown[] {
    return this.#log
  }
  me(): this {
    return this
  }
  /** Runs until the function that it calls back with is called. */
  async hold(held: (release: () => void) => unknown): Promise<string> {
    const released = new Promise<void>((resolve) => (this.#release = resolve))
    void held(() => this.#release())
    await released
    return 'held'
  }
  adder(): (by: number) => number {
    return (by) => this.increment(by)
  }
  async goTo(peer: Peer): Promise<string> {
    return move(this.context.self, peer).then(() => 'left')
  }
  *countTo(n: number): Generator<number> {
    while (this.count < n) yield this.increment()
  }
  async spawnChild(): Promise<void> {
    await this.context.spawn(Counter)
  }
}
const actors = { Counter }

/** `from` connects to `to`. */
async function link(from: Dispatcher, to: Dispatcher, offered: Actors = actors, trusted = true) {
  const ends = pair({ trusted })
  await to.listen(single(ends[1]), { actors: offered })
  const peer = (await from.connect(ends[0], { actors: offered })) as Peer<typeof actors>
  const back = to.peers.find(({ id }) => id === from.id)! as Peer<typeof actors>
  return { peer, back, cut: () => ends.forEach((end) => end.fail(new ActorError('unreachable', 'cut'))) }
}

/** Three realms: b is linked with the other two, and c with b only. */
async function three(trusted = true) {
  stops = []
  const logged: string[] = []
  const log = ({ text }: { readonly text: string }): unknown => logged.push(text)
  const realms = ['a', 'b', 'c'].map((id) => new Dispatcher({ id, log }))
  const [a, b, c] = realms as [Dispatcher, Dispatcher, Dispatcher]
  const ab = await link(a, b, actors, trusted)
  const bc = await link(b, c, actors, trusted)
  const close = async (): Promise<void> => {
    await Promise.all(realms.map((realm) => realm.close()))
    expect(realms.map((realm) => realm.info().deadlines)).toEqual([0, 0, 0])
    expect(realms.map((realm) => realm.info().actors)).toEqual([[], [], []])
  }
  return { a, b, c, ab, bc, logged, [Symbol.asyncDispose]: close }
}

const realmOf = async (proxy: Proxy<unknown>): Promise<string> => (await info(proxy)).realm

describe.each([true, false])('an actor that moves, where the realms trust each other: %s', (trusted) => {
  test('takes its state along, and proxies go on', async () => {
    await using r = await three(trusted)
    const counter = await r.a.spawn(Counter, { name: 'counter', args: [10] })
    await counter.increment()
    await move(counter, r.ab.peer)
    expect(stops).toEqual(['moved'])
    expect(await counter.increment()).toBe(12)
    expect(await read(counter, 'count')).toBe(12)
    expect(await counter.log()).toEqual(['start', 'version 3', 'start'])
    expect(await info(counter)).toMatchObject({ realm: 'b', name: 'counter', kind: 'Counter' })
    expect(address(counter)).toMatchObject({ realm: 'b', name: 'counter', kind: 'Counter' })
    expect(r.a.info().actors).toEqual([])
    expect(r.b.info().actors).toHaveLength(1)
  })

  test('comes back, as often as one likes, and each proxy that there ever was leads to it', async () => {
    await using r = await three(trusted)
    const counter = await r.a.spawn(Counter, { name: 'counter' })
    const before = await r.ab.back.lookup<Counter>('counter')
    const proxies = [counter, before!]
    for (let round = 0; round < 5; round++) {
      await move(counter, r.ab.peer)
      proxies.push((await r.a.lookup<Counter>('counter'))!, (await r.b.lookup<Counter>('counter'))!)
      proxies.push(await counter.me())
      await move(counter, r.a)
      proxies.push((await r.a.lookup<Counter>('counter'))!)
    }
    for (const proxy of proxies) await proxy.increment()
    expect(await counter.increment(0)).toBe(proxies.length)
    expect(await realmOf(counter)).toBe('a')
    expect(await realmOf(before!)).toBe('a')
    expect(r.a.info().actors).toHaveLength(1)
    expect(r.b.info().actors).toEqual([])
  })

  test('goes on from realm to realm, and comes home by another way', async () => {
    await using r = await three(trusted)
    const ca = await link(r.c, r.a, actors, trusted)
    const counter = await r.a.spawn(Counter)
    await move(counter, r.ab.peer)
    const there = (await r.b.lookup<Counter>((await info(counter)).id))!
    await move(there, r.bc.peer)
    expect(await realmOf(counter)).toBe('c')
    expect(await counter.increment()).toBe(1)
    const [farther] = r.c.info().actors
    await move((await r.c.lookup<Counter>(farther!))!, ca.peer)
    expect(await realmOf(counter)).toBe('a')
    expect(await counter.increment()).toBe(2)
    expect(await there.increment()).toBe(3)
    expect([r.a, r.b, r.c].map((realm) => realm.info().actors.length)).toEqual([1, 0, 0])
  })

  test('is moved between two realms that have no link, over one that has', async () => {
    await using r = await three(trusted)
    const counter = await r.b.spawn(Counter, { name: 'counter' })
    await counter.increment()
    await move(counter, r.ab.back)
    await move(counter, r.bc.peer)
    expect(await realmOf(counter)).toBe('c')
    expect(await counter.increment()).toBe(2)
  })

  test('keeps its messages: those that wait go along, those that come meanwhile follow, in order', async () => {
    await using r = await three(trusted)
    const counter = await r.a.spawn(Counter, { name: 'counter' })
    const far = (await r.ab.back.lookup<Counter>('counter'))!
    let release = (): unknown => undefined
    const holding = counter.hold((given) => (release = given))
    await ping(counter)
    const recorded = [counter.record('a1'), far.record('b1')]
    const moving = move(counter, r.ab.peer)
    tell(counter).record('a2')
    tell(far).record('b2')
    await ping(far)
    release()
    await moving
    expect(await holding).toBe('held')
    recorded.push(counter.record('a3'), far.record('b3'))
    await Promise.all(recorded)
    const log = await counter.log()
    for (const of of ['a', 'b'])
      expect(log.filter((item) => String(item)[0] === of && item !== 'start')).toEqual(
        [1, 2, 3].map((n) => `${of}${n}`),
      )
    expect(log).toHaveLength(9)
  })

  test('is stopped, killed, suspended, watched and asked where it is', async () => {
    await using r = await three(trusted)
    const reasons: unknown[] = []
    for (const end of [stop, kill]) {
      const counter = await r.a.spawn(Counter)
      const early = monitor(counter)
      await move(counter, r.ab.peer)
      const late = monitor(counter)
      expect(await isAlive(counter)).toBe(true)
      await suspend(counter)
      expect(await info(counter)).toMatchObject({ state: 'suspended', realm: 'b' })
      const waits = counter.increment()
      await resume(counter)
      expect(await waits).toBe(1)
      await end(counter, { reason: 'enough' })
      reasons.push(await early.down, await late.down, await ended(counter))
      await expect(counter.increment()).rejects.toMatchObject({ code: 'stopped', ran: 'no' })
      expect(await isAlive(counter)).toBe(false)
      expect([r.a, r.b].map((realm) => realm.info().actors.length)).toEqual([0, 0])
    }
    expect(reasons).toEqual(Array.from({ length: 6 }, () => 'enough'))
  })

  test('arrives suspended where it was', async () => {
    await using r = await three(trusted)
    const counter = await r.a.spawn(Counter)
    await suspend(counter)
    const calls = [counter.increment(), counter.increment()]
    await move(counter, r.ab.peer)
    expect(await info(counter)).toMatchObject({ state: 'suspended', realm: 'b' })
    await move(counter, r.a)
    expect(await info(counter)).toMatchObject({ state: 'suspended', realm: 'a' })
    await resume(counter)
    expect(await Promise.all(calls)).toEqual([1, 2])
  })

  test('moves once for each of several moves that are asked for at once', async () => {
    await using r = await three(trusted)
    const counter = await r.a.spawn(Counter)
    const moves = Array.from({ length: 6 }, (_, n) => move(counter, n % 2 ? r.a : r.ab.peer))
    const calls = Array.from({ length: 50 }, () => counter.increment())
    await Promise.all(moves)
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
    expect(await realmOf(counter)).toBe('a')
    expect(stops).toEqual(Array.from({ length: 6 }, () => 'moved'))
  })

  test('lets go of the functions that it handed out', async () => {
    await using r = await three(trusted)
    const counter = await r.b.spawn(Counter, { name: 'counter' })
    const add = await (await r.ab.peer.lookup<Counter>('counter'))!.adder()
    expect(await add(2)).toBe(2)
    await move(counter, r.ab.back)
    await expect((async () => add(2))()).rejects.toMatchObject({ code: 'released' })
    expect(await counter.increment()).toBe(3)
  })
})

describe('a move', () => {
  test('is ordered by the realm that spawned the actor, and may be by no other that is not trusted', async () => {
    await using r = await three(false)
    const spawned = await r.ab.peer.spawn('Counter')
    await spawned.increment()
    await move(spawned, r.a)
    expect(await realmOf(spawned)).toBe('a')
    expect(await spawned.increment()).toBe(2)
    await move(spawned, r.ab.peer)
    expect(await spawned.increment()).toBe(3)
    await r.b.spawn(Counter, { name: 'own' })
    const own = (await r.a.lookup<Counter>('own'))!
    await expect(move(own, r.a)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(await realmOf((await r.b.lookup('own'))!)).toBe('b')
  })

  test('to a third realm is not ordered by a peer that is not trusted', async () => {
    await using r = await three(false)
    const spawned = await r.ab.peer.spawn('Counter')
    await expect(move(spawned, r.c)).rejects.toMatchObject({ code: 'unreachable' })
    expect(await realmOf(spawned)).toBe('b')
  })

  test('to a third realm is made by the realm where the actor is', async () => {
    await using r = await three()
    const spawned = await r.ab.peer.spawn('Counter')
    await move(spawned, r.c)
    expect(await realmOf(spawned)).toBe('c')
    expect(await spawned.increment()).toBe(1)
  })

  test('to where the actor is already changes nothing', async () => {
    await using r = await three()
    const counter = await r.a.spawn(Counter)
    await move(counter, r.a)
    await move(counter, r.ab.peer)
    await move(counter, r.ab.peer)
    await move(counter, r.b)
    expect(await counter.log()).toEqual(['start', 'version 3', 'start'])
  })

  test('waits for the handler that asks for it, if that does not wait for the move', async () => {
    await using r = await three()
    class Nomad extends Counter {
      leave(peer: Peer): string {
        void move(this.context.self, peer)
        return 'soon'
      }
      static override movable = movable('Nomad')
      static override exposed = ['leave', 'increment']
    }
    const d = new Dispatcher({ id: 'd' })
    const { peer } = await link(r.a, d, { Nomad })
    const nomad = await r.a.spawn(Nomad)
    expect(await nomad.leave(peer as never)).toBe('soon')
    expect(await nomad.increment()).toBe(1)
    expect(await realmOf(nomad)).toBe('d')
    // A handler that awaits it waits for nothing.
    const counter = await r.a.spawn(Counter)
    expect(await counter.goTo(r.ab.peer as never)).toBe('left')
    expect(await counter.increment()).toBe(1)
    expect(await realmOf(counter)).toBe('b')
    await d.close()
  })

  test('keeps the name and the id: they lead to the actor from each realm, and no other gets them', async () => {
    await using r = await three()
    const counter = await r.a.spawn(Counter, { name: 'counter', id: 'c-7' })
    await move(counter, r.ab.peer)
    for (const realm of [r.a, r.b, r.c])
      for (const query of ['counter', 'c-7']) expect(await realmOf((await realm.lookup(query))!)).toBe('b')
    for (const realm of [r.a, r.b])
      await expect(realm.spawn(Counter, { name: 'counter' })).rejects.toMatchObject({ code: 'name-taken' })
    expect(await info(counter)).toMatchObject({ id: 'c-7' })
    await stop(counter)
    for (const realm of [r.a, r.b]) await stop(await realm.spawn(Counter, { name: 'counter', id: 'c-7' }))
  })

  test('leaves the actor a member of its groups, once', async () => {
    await using r = await three()
    const counter = await r.a.spawn(Counter, { group: 'counters' })
    await move(counter, r.ab.peer)
    for (const realm of [r.a, r.b, r.c]) {
      const replies: unknown[] = []
      for await (const reply of group<Counter>(realm, 'counters').all.increment()) replies.push(reply)
      expect(replies).toHaveLength(1)
    }
    expect(await counter.increment()).toBe(4)
  })

  test('takes names along that were registered, and leads to the actor until it ends', async () => {
    await using r = await three()
    const counter = await r.a.spawn(Counter)
    r.a.register('also', counter)
    await move(counter, r.ab.peer)
    const also = (await r.c.lookup<Counter>('also'))!
    expect(await also.increment()).toBe(1)
    expect(same((await r.a.lookup('also'))!, counter)).toBe(true)
    await stop(counter)
    expect(await r.a.lookup('also')).toBeUndefined()
  })

  test('is told by events: it stops here as moved, and starts there', async () => {
    await using r = await three()
    const events: string[] = []
    for (const realm of [r.a, r.b]) {
      realm.on('started', (at) => events.push(`${realm.id} started ${at.kind}`))
      realm.on('stopped', (at, reason) => events.push(`${realm.id} stopped ${at.kind}: ${String(reason)}`))
    }
    const counter = await r.a.spawn(Counter)
    await move(counter, r.ab.peer)
    expect(events).toEqual(['a started Counter', 'b started Counter', 'a stopped Counter: moved'])
  })

  test('keeps what supervises the actor: there it is restarted, anew', async () => {
    await using r = await three()
    const counter = await r.a.spawn(Counter, { args: [5], restart: 'transient' })
    await counter.increment()
    await move(counter, r.ab.peer)
    expect(await counter.increment()).toBe(7)
    await kill(counter)
    expect(await counter.increment()).toBe(6)
    expect(await info(counter)).toMatchObject({ realm: 'b', restarts: 1 })
    await move(counter, r.a)
    expect(await counter.increment()).toBe(7)
  })

  test('keeps the limit of the mailbox', async () => {
    await using r = await three()
    const counter = await r.a.spawn(Counter, { mailbox: { limit: 2 } })
    await suspend(counter)
    const calls = [counter.increment(), counter.increment()]
    for (const goal of [r.ab.peer, r.a]) {
      await move(counter, goal)
      await expect(counter.increment()).rejects.toMatchObject({ code: 'overloaded' })
    }
    await resume(counter)
    expect(await Promise.all(calls)).toEqual([1, 2])
  })

  test('passes a proxy of itself on: what is sent comes to the same actor', async () => {
    await using r = await three()
    const counter = await r.a.spawn(Counter)
    await move(counter, r.ab.peer)
    const recorder = await r.c.spawn(Counter, { name: 'recorder' })
    const far = (await r.a.lookup<Counter>('recorder'))!
    await far.record(counter)
    const [, kept] = (await recorder.log()) as [unknown, Proxy<Counter>]
    expect(await kept.increment()).toBe(1)
    expect(same(await counter.me(), counter)).toBe(true)
    await move(counter, r.a)
    expect(await kept.increment()).toBe(2)
  })
})
