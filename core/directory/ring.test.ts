import { describe, expect, test } from 'vitest'
import { Actor, address, Dispatcher, monitor, type Peer, type Proxy, same, stop, tell } from '../index.js'
import type { RealmOptions } from '../realm/realm.js'
import { single } from '../serving/listening.js'
import { canCollect, collectUntil } from '../testing/collect.js'
import { virtualClock } from '../testing/index.js'
import { pair, type PairOptions } from '../transport/pair.js'

class Echo extends Actor {
  readonly #log: unknown[] = []
  #other: Proxy<Echo> | undefined
  say(item: string | number): string {
    this.#log.push(item)
    return `${address(this.context.self).realm}: ${item}`
  }
  log(): unknown[] {
    return this.#log
  }
  keep(other: Proxy<Echo>): void {
    this.#other = other
  }
  kept(): Proxy<Echo> {
    return this.#other!
  }
  static concurrency = Infinity
  wait(): Promise<never> {
    return new Promise(() => {})
  }
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

/** `from` connects to `to`; resolves once each has heard which names the other knows. */
async function link(from: Dispatcher, to: Dispatcher, options?: PairOptions) {
  const [near, far] = pair(options)
  await to.listen(single(far))
  const peer = await from.connect(near)
  await peer.names()
  return peer
}

/** Realms of which each is linked to the next, and the last one to the first. `cut(1)` ends the link of the second and the third. */
async function ring(ids: string, options: RealmOptions = {}, last?: PairOptions) {
  const realms = Array.from(ids, (id) => new Dispatcher({ id, log: () => {}, ...options }))
  const peers: Peer[] = []
  for (const [at, realm] of realms.entries()) {
    const next = realms[at + 1]
    peers.push(await link(realm, next ?? realms[0]!, next ? {} : last))
  }
  const [a, b, c, d] = realms as [Dispatcher, Dispatcher, Dispatcher, Dispatcher]
  const close = async (): Promise<void> => {
    await Promise.all(realms.map((realm) => realm.close({ mode: 'kill' })))
    for (const realm of realms) expect(realm.info()).toMatchObject({ deadlines: 0, peers: [] })
  }
  return { a, b, c, d, cut: (at: number) => peers[at]!.close(), [Symbol.asyncDispose]: close }
}

/** The reference of `a` and the one of `b` to an actor of `c`, which `a` reaches over `b`. */
async function twoOf({ a, b, c }: { a: Dispatcher; b: Dispatcher; c: Dispatcher }) {
  const far = await c.spawn(Echo, { name: 'far' })
  const proxies = [(await a.lookup<Echo>('far'))!, (await b.lookup<Echo>('far'))!] as const
  expect(imports(a, 'b')).toBe(1)
  return [far, ...proxies] as const
}

const imports = (dispatcher: Dispatcher, from: string): number | undefined =>
  dispatcher.info().peers.find(({ id }) => id === from)?.imports

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)

describe('a reference whose way breaks', () => {
  test.each(['abcd', 'abcdef'])('goes the other way round in the ring %s', async (ids) => {
    await using r = await ring(ids)
    const [far, ofA, ofB] = await twoOf(r)
    for (const proxy of [ofA, ofB]) expect(await proxy.say(1)).toBe('c: 1')
    await r.cut(1)
    for (const proxy of [ofA, ofB]) expect(await proxy.say(2)).toBe('c: 2')
    expect(await ofA.say(3)).toBe('c: 3')
    expect(imports(r.b, 'a')).toBe(1)
    for (const proxy of [ofA, ofB]) expect(same(proxy, far)).toBe(true)
  })

  test('no longer passes the realm behind which it broke', async () => {
    await using r = await ring('abcd')
    const [, ofA] = await twoOf(r)
    await r.cut(1)
    expect(await ofA.say(1)).toBe('c: 1')
    await r.cut(0)
    expect(await ofA.say(2)).toBe('c: 2')
    expect(r.a.info().peers.map(({ id }) => id)).toEqual(['d'])
  })

  test('does so where it was handed along in a message, and neither it nor its realm has a name', async () => {
    await using r = await ring('abcd')
    await r.b.spawn(Echo, { name: 'hub' })
    await (await r.c.lookup<Echo>('hub'))!.keep(await r.c.spawn(Echo))
    const ofA = await (await r.a.lookup<Echo>('hub'))!.kept()
    expect(await ofA.say(1)).toBe('c: 1')
    await r.cut(1)
    expect(await ofA.say(2)).toBe('c: 2')
    const again = await (await r.a.lookup<Echo>('hub'))!.kept()
    expect(same(again, ofA)).toBe(true)
    expect(await again.log()).toEqual([1, 2])
  })

  test('does so for a realm with one link, behind the ring', async () => {
    await using r = await ring('abcd')
    await using e = new Dispatcher({ id: 'e', log: () => {} })
    await link(e, r.c)
    await r.b.spawn(Echo, { name: 'hub' })
    await (await e.lookup<Echo>('hub'))!.keep(await e.spawn(Echo))
    const ofA = await (await r.a.lookup<Echo>('hub'))!.kept()
    expect(await ofA.say(1)).toBe('e: 1')
    await r.cut(1)
    expect(await ofA.say(2)).toBe('e: 2')
  })

  test('keeps the order of what is sent after the break, and tells of calls that were under way', async () => {
    await using r = await ring('abcd')
    const [, ofA, ofB] = await twoOf(r)
    const underWay = [ofA, ofB].map((proxy) => outcome(proxy.wait()))
    await ofA.log()
    void r.cut(1)
    const calls: Promise<string>[] = []
    for (const n of numbers(1, 60)) {
      tell(ofA).say(`told ${n}`)
      calls.push(ofA.say(`called ${n}`))
      if (n % 3 === 0) tell(ofB).say(n)
      await new Promise<void>((resolve) => queueMicrotask(resolve))
    }
    for (const error of await Promise.all(underWay)) expect(error).toMatchObject({ code: 'unknown' })
    expect(await Promise.all(calls)).toEqual(numbers(1, 60).map((n) => `c: called ${n}`))
    const log = await ofB.log()
    expect(log.filter((item) => typeof item === 'string')).toEqual(
      numbers(1, 60).flatMap((n) => [`told ${n}`, `called ${n}`]),
    )
    expect(log.filter((item) => typeof item === 'number')).toEqual(numbers(1, 20).map((n) => 3 * n))
  })

  test('is out of reach at once where there is no other way', async () => {
    const env = virtualClock()
    const making = ring('abcd', { env })
    await env.advance(0)
    await using r = await making
    const [, ofA, ofB] = await twoOf(r)
    await Promise.all([r.cut(1), r.cut(2)])
    for (const proxy of [ofA, ofB, ofA]) {
      expect(await outcome(proxy.say(1))).toMatchObject({ code: 'unreachable', ran: 'no' })
    }
  })

  test('comes back when a link does', async () => {
    await using r = await ring('abcd')
    const [, ofA, ofB] = await twoOf(r)
    await r.cut(1)
    expect(await ofA.say(1)).toBe('c: 1')
    await r.cut(2)
    for (const proxy of [ofA, ofB]) expect(await outcome(proxy.say(2))).toMatchObject({ code: 'unreachable' })
    await link(r.b, r.c)
    await link(r.c, r.d)
    for (const proxy of [ofA, ofB]) expect(await proxy.say(3)).toBe('c: 3')
    await r.cut(3)
    for (const proxy of [ofA, ofB]) expect(await proxy.say(4)).toBe('c: 4')
  })

  test('goes straight to its realm again once there is a link', async () => {
    await using r = await ring('abcd')
    const [, , ofB] = await twoOf(r)
    await r.cut(1)
    expect(await ofB.say(1)).toBe('c: 1')
    await link(r.b, r.c)
    await r.cut(3)
    expect(await ofB.say(2)).toBe('c: 2')
    expect(await ofB.log()).toEqual([1, 2])
  })

  test('does not go over a link that is not trusted', async () => {
    await using r = await ring('abcd', {}, { trusted: false })
    const [, ofA, ofB] = await twoOf(r)
    await r.cut(1)
    for (const proxy of [ofA, ofB])
      expect(await outcome(proxy.say(1))).toMatchObject({ code: 'unreachable', ran: 'no' })
  })

  test('tells a monitor of the end of the actor, not of the break', async () => {
    await using r = await ring('abcd')
    const [far, ofA, ofB] = await twoOf(r)
    const downs = [ofA, ofB].map((proxy) => monitor(proxy).down)
    const told: unknown[] = []
    for (const down of downs) void down.then((reason) => told.push(reason))
    await ofA.log()
    await r.cut(1)
    for (const proxy of [ofA, ofB]) expect(await proxy.say(1)).toBe('c: 1')
    expect(told).toEqual([])
    await stop(far)
    await Promise.all(downs)
    expect(await outcome(ofA.say(2))).toMatchObject({ code: 'stopped' })
  })

  test.runIf(canCollect())('is given back along each way once nobody holds it', async () => {
    await using r = await ring('abcd')
    const counts = () => [imports(r.a, 'b'), imports(r.a, 'd'), imports(r.b, 'a'), imports(r.d, 'c')]
    const hold = async (): Promise<void> => {
      const [, ofA, ofB] = await twoOf(r)
      await r.cut(1)
      expect(await ofA.say(1)).toBe('c: 1')
      expect(counts()).toEqual([1, 1, 1, 1])
      ;(ofB as Proxy<Echo> & Disposable)[Symbol.dispose]()
      expect(await ofA.say(2)).toBe('c: 2')
    }
    await hold()
    await collectUntil(() => counts().every((count) => count === 0))
    expect(await (await r.a.lookup<Echo>('far'))!.log()).toEqual([1, 2])
  })
})
