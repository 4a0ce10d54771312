import { describe, expect, test } from 'vitest'
import { Actor, type ActorError, type Actors, Dispatcher, info, type Proxy, stop } from '../index.js'
import type { Link } from '../link/link.js'
import type { RemotePeer } from '../peers/remote-peer.js'
import { refOf } from '../proxy/proxy.js'
import { linkRouteOf } from '../remote/link-route.js'
import { single } from '../serving/listening.js'
import { pair } from '../transport/pair.js'
import { movable, move } from './index.js'

class Counter extends Actor {
  static movable = movable('Counter')
  #count = 0
  override snapshot(): number {
    return this.#count
  }
  override restore(count: number): void {
    this.#count = count
  }
  increment(): number {
    return ++this.#count
  }
}
class Still extends Actor {
  increment(): number {
    return 1
  }
}
const actors = { Counter, Still }

/** `from` connects to `to`; they do not trust each other. */
async function link(from: Dispatcher, to: Dispatcher, offered: Actors = actors) {
  const ends = pair({ trusted: false })
  await to.listen(single(ends[1]), { actors: offered })
  const peer = (await from.connect(ends[0], { actors: offered })) as unknown as RemotePeer
  return { peer, back: to.peers.find(({ id }) => id === from.id)! }
}

async function realms(...ids: string[]) {
  const all = ids.map((id) => new Dispatcher({ id, log: () => {}, limits: { actors: 3 } }))
  return { all, [Symbol.asyncDispose]: async () => void (await Promise.all(all.map((realm) => realm.close()))) }
}

const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: ActorError) => error.code,
  )

const indexOf = (proxy: Proxy<unknown>): number => linkRouteOf(refOf(proxy)!)!.index

/** What a peer asks for, by its own words. */
const ask = (link: Link, verb: string, ...args: unknown[]): Promise<unknown> => code(link.request(verb, args))

describe('a peer that is not trusted', () => {
  test('brings no actor in words that are none, and none of a class that cannot be moved', async () => {
    await using r = await realms('a', 'b')
    const [a, b] = r.all
    const { link: raw } = (await link(a!, b!)).peer
    const from = await a!.spawn(Counter)
    const parcel = { pass: 'p', nonce: 'n', id: 'i', isIdGiven: false, state: 1, version: 1, from }
    const wrong = [
      { ...parcel, pass: 7 },
      { ...parcel, nonce: '' },
      { ...parcel, from: {} },
      { ...parcel, version: '1' },
    ]
    for (const each of [undefined, 'x', ...wrong])
      expect(await ask(raw, 'arrive', 'Counter', {}, each)).toBe('malformed')
    expect(await ask(raw, 'arrive', 'Still', {}, parcel)).toBe('not-movable')
    expect(await ask(raw, 'arrive', 'Other', {}, parcel)).toBe('not-found')
    expect(await ask(raw, 'arrive', 'Counter', { id: 'mine' }, parcel)).toBe('unauthorized')
    expect(b!.info().actors).toEqual([])
    // And may bring as many as it may spawn.
    const brought = Array.from({ length: 5 }, (_, n) => ask(raw, 'arrive', 'Counter', {}, { ...parcel, pass: `p${n}` }))
    expect((await Promise.all(brought)).toSorted((one, other) => (one! < other! ? -1 : 1))).toEqual([
      'done',
      'done',
      'done',
      'quota',
      'quota',
    ])
    await a!.close()
    while (b!.info().actors.length > 0) await new Promise((resolve) => setTimeout(resolve))
  })

  test('begins and dismisses what it brought, and nothing else', async () => {
    await using r = await realms('a', 'b')
    const [a, b] = r.all
    const { peer } = await link(a!, b!)
    const spawned = await peer.spawn('Counter')
    for (const verb of ['begin', 'dismiss']) {
      expect(await ask(peer.link, verb, indexOf(spawned), true)).toBe('not-found')
      expect(await ask(peer.link, verb, 99)).toBe('not-found')
    }
    expect(await ask(peer.link, 'move', indexOf(spawned), { to: 7 })).toBe('malformed')
    expect(await ask(peer.link, 'passed', 'b', 'a', 'b/1', 'mark')).toBe('unauthorized')
    expect(await ask(peer.link, 'moved', indexOf(spawned))).toBe('done')
    expect(await ask(peer.link, 'another')).toBe('not-found')
    expect(await (spawned as Proxy<Counter>).increment()).toBe(1)
  })

  test('does not bring back what it has not: the realm is asked where the actor went', async () => {
    await using r = await realms('a', 'b', 'c')
    const [a, b, c] = r.all
    const ab = await link(a!, b!)
    const ac = await link(a!, c!)
    const bc = await link(b!, c!)
    const counter = await a!.spawn(Counter, { name: 'counter' })
    await counter.increment()
    // It was at c, which knows it.
    let seen: unknown
    const { request } = ac.peer.link
    ac.peer.link.request = function (this: Link, verb, args, timeout) {
      if (verb === 'arrive') seen = args[2]
      return request.call(this, verb, args, timeout)
    }
    await move(counter, ac.peer)
    await move(counter, a!)
    await move(counter, ab.peer)
    const thief = (ac.back as unknown as RemotePeer).link
    const stolen = { ...(seen as object), state: 1_000, from: await c!.spawn(Counter) }
    expect(await ask(thief, 'arrive', 'Counter', {}, stolen)).toBe('unauthorized')
    expect(await counter.increment()).toBe(2)
    expect(await info(counter)).toMatchObject({ realm: 'b' })
    // What really comes from there is taken.
    await move((await b!.lookup<Counter>('counter'))!, bc.peer)
    await move((await c!.lookup<Counter>('counter'))!, ac.back)
    expect(await counter.increment()).toBe(3)
    expect(await info(counter)).toMatchObject({ realm: 'a' })
    await stop(counter)
  })
})
