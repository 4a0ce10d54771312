import { single } from '../serving/listening.js'
import { describe, expect, test } from 'vitest'
import { Actor, address, ask, Dispatcher, type LinkOffer, monitor, type Proxy, same, stop, tell } from '../index.js'
import { pair, type PairOptions } from '../transport/pair.js'
import { RawPeer } from '../testing/raw-peer.js'
import { virtualClock } from '../testing/index.js'
import { Op } from '../link/session/op.js'
import { bytes } from '../wire/bytes.js'

class Echo extends Actor {
  readonly #log: unknown[] = []
  say(text: string): string {
    this.#log.push(text)
    return `${address(this.context.self).realm}: ${text}`
  }
  log(): unknown[] {
    return this.#log
  }
  async child(name: string): Promise<void> {
    await this.context.spawn(Echo, { name })
  }
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
const untrusted = { codec: bytes, payload: 'bytes', trusted: false } as const

/** Dispatchers by name, closed after the test. */
function realms<K extends string>(...ids: K[]): Record<K, Dispatcher> & AsyncDisposable {
  const made = Object.fromEntries(ids.map((id) => [id, new Dispatcher({ id, log: () => {} })])) as Record<K, Dispatcher>
  const close = async (): Promise<void> => {
    await Promise.all(ids.map((id) => made[id].close()))
  }
  return Object.assign(made, { [Symbol.asyncDispose]: close })
}

/** `from` connects to `to`; resolves once each has heard which names the other knows. */
async function link(from: Dispatcher, to: Dispatcher, options: PairOptions & { offer?: LinkOffer } = {}) {
  const [near, far] = pair(options)
  await to.listen(single(far), options.offer)
  const peer = await from.connect(near)
  await peer.names()
  return peer
}

const found = async (dispatcher: Dispatcher, name: string): Promise<string | undefined> => {
  const proxy = await dispatcher.lookup<Echo>(name)
  return proxy && (await proxy.say('hello'))
}

describe('names', () => {
  test('are found both ways, also those that come later', async () => {
    await using r = realms('a', 'b')
    await r.a.spawn(Echo, { name: 'early' })
    await link(r.a, r.b)
    expect(await found(r.b, 'early')).toBe('a: hello')
    await r.a.spawn(Echo, { name: 'late' })
    await r.b.spawn(Echo, { name: 'theirs' })
    expect(await found(r.b, 'late')).toBe('a: hello')
    expect(await found(r.a, 'theirs')).toBe('b: hello')
    expect(await r.a.lookup('nobody')).toBeUndefined()
  })

  test('are known at once after connect, wherever they are announced', async () => {
    await using r = realms('a', 'b', 'c')
    await link(r.b, r.c)
    await r.c.spawn(Echo, { name: 'far' })
    const [near, far] = pair()
    await r.b.listen(single(far))
    await r.a.connect(near)
    expect(await found(r.a, 'far')).toBe('c: hello')
  })

  test('go with the actor, and with the peer', async () => {
    await using r = realms('a', 'b', 'c')
    const peer = await link(r.a, r.b)
    await link(r.b, r.c)
    const one = await r.c.spawn(Echo, { name: 'one' })
    await r.c.spawn(Echo, { name: 'two' })
    expect(await found(r.a, 'one')).toBe('c: hello')
    await stop(one)
    expect(await r.b.lookup('one')).toBeUndefined()
    expect(await r.a.lookup('one')).toBeUndefined()
    expect(await peer.names()).toEqual(['two'])
    await r.c.close()
    await expect.poll(() => peer.names()).toEqual([])
    expect(await r.a.lookup('two')).toBeUndefined()
  })

  test('that were registered for an actor elsewhere go with it', async () => {
    await using r = realms('a', 'b')
    await link(r.a, r.b)
    const theirs = await r.b.spawn(Echo, { name: 'theirs' })
    r.a.register('alias', (await r.a.lookup('theirs'))!)
    expect(await found(r.a, 'alias')).toBe('b: hello')
    await stop(theirs)
    await expect.poll(() => r.a.info().names).toEqual([])
    expect(await r.a.lookup('alias')).toBeUndefined()
  })

  test('are not given to actors that have ended, here or elsewhere, and go when the dispatcher closes', async () => {
    await using r = realms('a', 'b')
    await link(r.a, r.b)
    const [here, there] = [await r.a.spawn(Echo), await r.b.spawn(Echo, { name: 'there' })]
    const theirs = (await r.a.lookup<Echo>('there'))!
    r.a.register('alias', theirs)
    await Promise.all([stop(here), stop(there)])
    await expect.poll(() => r.a.info().names).toEqual([])
    expect(() => r.a.register('gone', here)).toThrow(expect.objectContaining({ code: 'stopped' }))
    r.a.register('gone', theirs)
    await expect.poll(() => r.a.info().names).toEqual([])
    await r.b.spawn(Echo, { name: 'other' })
    r.a.register('elsewhere', (await r.a.lookup('other'))!)
    await r.a.close()
    expect(r.a.info().names).toEqual([])
    expect(() => r.a.register('late', theirs)).toThrow(expect.objectContaining({ code: 'stopped' }))
  })

  test('lead to one proxy of one address over four realms', async () => {
    await using r = realms('a', 'b', 'c', 'd')
    await link(r.a, r.b)
    await link(r.b, r.c)
    await link(r.c, r.d)
    const far = await r.d.spawn(Echo, { name: 'far' })
    await expect.poll(() => found(r.a, 'far')).toBe('d: hello')
    const proxy = await r.a.lookup<Echo>('far')
    expect(proxy).toBe(await r.a.lookup('far'))
    expect(address(proxy!)).toEqual(address(far))
  })

  test('are found nearest first, and then elsewhere', async () => {
    await using r = realms('a', 'b', 'c')
    await link(r.a, r.b)
    await link(r.b, r.c)
    await r.c.spawn(Echo, { name: 'twin' })
    const nearer = await r.b.spawn(Echo, { name: 'twin' })
    expect(await found(r.a, 'twin')).toBe('b: hello')
    await stop(nearer)
    expect(await found(r.a, 'twin')).toBe('c: hello')
    await r.a.spawn(Echo, { name: 'twin' })
    expect(await found(r.a, 'twin')).toBe('a: hello')
  })

  test('that go are not kept alive by a ring of neighbours', async () => {
    await using r = realms('a', 'b', 'c', 'd')
    await link(r.a, r.b)
    await link(r.b, r.c)
    await link(r.c, r.a)
    await link(r.d, r.a)
    const one = await r.d.spawn(Echo, { name: 'one' })
    for (const realm of [r.a, r.b, r.c]) await expect.poll(() => found(realm, 'one')).toBe('d: hello')
    await stop(one)
    for (const realm of [r.a, r.b, r.c]) await expect.poll(() => realm.lookup('one')).toBeUndefined()
    await r.d.spawn(Echo, { name: 'two' })
    for (const realm of [r.a, r.b, r.c]) await expect.poll(() => found(realm, 'two')).toBe('d: hello')
    await r.d.close()
    for (const realm of [r.a, r.b, r.c]) await expect.poll(() => realm.lookup('two')).toBeUndefined()
  })

  test('stay known while there is another way', async () => {
    await using r = realms('a', 'b', 'c')
    const direct = await link(r.a, r.c)
    await link(r.a, r.b)
    await link(r.b, r.c)
    await r.c.spawn(Echo, { name: 'far' })
    const proxy = await r.a.lookup<Echo>('far')
    await direct.close()
    await expect.poll(() => found(r.a, 'far')).toBe('c: hello')
    await expect.poll(() => proxy!.say('again').catch(() => undefined)).toBe('c: again')
  })

  test('come with paths and ids', async () => {
    await using r = realms('a', 'b')
    await link(r.a, r.b)
    const parent = await r.b.spawn(Echo, { name: 'parent' })
    await parent.child('child')
    expect(address((await r.a.lookup('/parent/child'))!).path).toBe('/parent/child')
    expect(address((await r.a.lookup('/parent'))!).name).toBe('parent')
    expect(address((await r.a.lookup('/'))!)).toMatchObject({ path: '/', realm: 'a' })
    for (const path of ['/nope', '/parent/nope', '/parent/child/', '//']) {
      expect(await r.a.lookup(path), path).toBeUndefined()
    }
    const nameless = await r.b.spawn(Echo, { id: 'some-id' })
    expect(address((await r.a.lookup('some-id'))!)).toEqual(address(nameless))
  })

  test('of a realm that does not answer are passed over after 5 s', async () => {
    const env = virtualClock()
    const a = new Dispatcher({ id: 'a', env })
    const b = new Dispatcher({ id: 'b', env })
    const [near, far] = pair()
    await b.listen(single(far))
    await a.connect(near)
    await env.advance(0)
    far.send = () => {}
    let answer: unknown = 'none'
    void a.lookup('nobody').then((proxy) => (answer = proxy))
    await env.advance(4_900)
    expect(answer).toBe('none')
    await env.advance(1_000)
    expect(answer).toBeUndefined()
    await a.close()
    await b.close()
  })
})

describe('over a link that is not trusted', () => {
  test('a server’s own names are found, and nobody else’s', async () => {
    await using r = realms('server', 'worker', 'ada', 'bob')
    await link(r.server, r.worker)
    await r.worker.spawn(Echo, { name: 'inner' })
    await r.server.spawn(Echo, { name: 'lobby' })
    const peer = await link(r.ada, r.server, untrusted)
    await link(r.bob, r.server, untrusted)
    await r.bob.spawn(Echo, { name: 'bobs' })
    expect(await found(r.ada, 'lobby')).toBe('server: hello')
    expect(await r.ada.lookup('bobs')).toBeUndefined()
    expect(await r.ada.lookup('inner')).toBeUndefined()
    expect(await r.ada.lookup('/lobby')).toBeUndefined()
    expect(await peer.names()).toEqual(['lobby'])
    // Nor does a server take a client's word for who is called what.
    expect(await r.server.lookup('bobs')).toBeUndefined()
    expect(await r.worker.lookup('bobs')).toBeUndefined()
    const bob = r.server.peers.find(({ id }) => id === 'bob')!
    expect(await bob.lookup('bobs')).toBeDefined()
  })

  test('what was granted by name is found, also one hop further', async () => {
    await using r = realms('server', 'worker', 'ada')
    await link(r.server, r.worker)
    await r.worker.spawn(Echo, { name: 'inner' })
    await r.server.spawn(Echo, { name: 'lobby' })
    const offer: LinkOffer = { authorize: () => ({ names: ['inner', 'absent'] }) }
    const peer = await link(r.ada, r.server, { ...untrusted, offer })
    expect(await found(r.ada, 'inner')).toBe('worker: hello')
    expect(await r.ada.lookup('lobby')).toBeUndefined()
    expect(await peer.names()).toEqual(['inner'])
  })

  test('a proxy that the server passed on works between two clients', async () => {
    await using r = realms('server', 'ada', 'bob')
    class Room extends Actor {
      #member: Proxy<Echo> | undefined
      enter(member: Proxy<Echo>): void {
        this.#member = member
      }
      member(): Proxy<Echo> | undefined {
        return this.#member
      }
    }
    await r.server.spawn(Room, { name: 'room' })
    await link(r.ada, r.server, untrusted)
    await link(r.bob, r.server, untrusted)
    const mine = await r.bob.spawn(Echo)
    await (await r.bob.lookup<Room>('room'))!.enter(mine)
    const theirs = (await (await r.ada.lookup<Room>('room'))!.member()) as Proxy<Echo>
    expect(await theirs.say('hi')).toBe('bob: hi')
    // No port, no names, no link: through the server only.
    expect(r.ada.peers.map(({ id }) => id)).toEqual(['server'])
  })

  test('a neighbour finds what the server that we dialled has', async () => {
    await using r = realms('tab', 'shared', 'server', 'other')
    await r.server.spawn(Echo, { name: 'lobby' })
    await link(r.tab, r.shared)
    await link(r.other, r.tab)
    const uplink = await link(r.shared, r.server, untrusted)
    expect(await found(r.tab, 'lobby')).toBe('server: hello')
    await expect.poll(() => found(r.other, 'lobby')).toBe('server: hello')
    await uplink.close()
    expect(await r.tab.lookup('lobby')).toBeUndefined()
  })

  test('one who announces names, or asks for routes, is not heard', async () => {
    const dispatcher = new Dispatcher({ log: () => {} })
    const [near, far] = pair(untrusted)
    await dispatcher.listen(single(far))
    const raw = new RawPeer(near)
    await raw.shakeHands()
    raw.send(Op.Request, 0, 0, 'route', 2, dispatcher.id, '1')
    expect(await raw.reply(0)).toMatchObject({ value: { code: 'unauthorized' } })
    raw.send(Op.Names, { up: [['lobby']] })
    expect(await raw.closed).toMatchObject({ code: 'protocol' })
    expect(await dispatcher.lookup('lobby')).toBeUndefined()
    await dispatcher.close()
  })
})

describe('news that is none', () => {
  const cases = [
    null,
    { up: 'x' },
    { up: [[]] },
    { up: [[1]] },
    { down: [['one']] },
    { up: [['x', 'y'.repeat(2_000)]] },
  ]
  test.each(cases)('%j ends the link', async (news) => {
    const dispatcher = new Dispatcher({ log: () => {} })
    const [near, far] = pair()
    await dispatcher.listen(single(far))
    const raw = new RawPeer(near)
    await raw.shakeHands()
    raw.send(Op.Names, news)
    expect(await raw.closed).toMatchObject({ code: 'malformed' })
    await dispatcher.close()
  })
})

describe('a message to a name that is not there yet', () => {
  test('waits for it, in order, wherever it comes up', async () => {
    await using r = realms('a', 'b')
    await link(r.a, r.b)
    const late = await r.a.lookup<Echo>('late', { ttl: 5_000 })
    tell(late).say('one')
    const answer = late.say('two')
    tell(late).say('three')
    const theirs = await r.b.spawn(Echo, { name: 'late' })
    expect(await answer).toBe('b: two')
    expect(await late.log()).toEqual(['one', 'two', 'three'])
    expect(same(late, theirs)).toBe(true)
    expect(same(late, (await r.a.lookup<Echo>('late'))!)).toBe(true)
    expect(address(late)).toEqual(address(theirs))
    const here = await r.a.lookup<Echo>('here', { ttl: 5_000 })
    const call = here.say('hi')
    const mine = await r.a.spawn(Echo, { name: 'here' })
    expect(await call).toBe('a: hi')
    expect(same(here, mine)).toBe(true)
    await stop(here)
    await expect(mine.log()).rejects.toMatchObject({ code: 'stopped' })
  })

  test('is not overtaken by one that is sent to the actor later, by another proxy', async () => {
    await using r = realms('a', 'b')
    const peer = await link(r.a, r.b, { offer: { actors: { Echo } } })
    const nameless = await r.a.spawn(Echo)
    const ways: Record<string, () => Promise<Proxy<Echo>>> = {
      spawned: () => r.a.spawn(Echo, { name: 'spawned' }),
      'spawned far': () => peer.spawn('Echo', { name: 'spawned far' }) as Promise<Proxy<Echo>>,
      registered: async () => nameless,
      'registered far': async () => peer.spawn('Echo') as Promise<Proxy<Echo>>,
    }
    for (const [name, make] of Object.entries(ways)) {
      const early = await r.a.lookup<Echo>(name, { ttl: 1_000 })
      const first = [early.say('1'), early.say('2')]
      const later = await make()
      if (name.startsWith('registered')) r.a.register(name, later)
      await Promise.all([...first, later.say('3'), early.say('4')])
      expect(await later.log(), name).toEqual(['1', '2', '3', '4'])
    }
    const early = await r.a.lookup<Echo>('idle', { ttl: 1_000 })
    const idle = await r.a.spawn(Echo, { name: 'idle' })
    await Promise.all([early.say('1'), idle.say('2')])
    expect(await idle.log()).toEqual(['1', '2'])
  })

  test('is a dead letter after its time to live, and fails as never run', async () => {
    const env = virtualClock()
    const dispatcher = new Dispatcher({ env, log: () => {} })
    const letters: unknown[] = []
    dispatcher.on('dead-letter', ({ about, reason }) => letters.push([about, reason]))
    const nobody = await dispatcher.lookup<Echo>('nobody', { ttl: 1_000 })
    const outcomes: unknown[] = []
    void nobody.say('hello').catch((error: unknown) => outcomes.push(error))
    tell(nobody).say('hi')
    await env.advance(990)
    void nobody.log().catch((error: unknown) => outcomes.push(error))
    expect(letters).toHaveLength(0)
    await env.advance(30)
    expect(letters).toEqual(
      ['say', 'say'].map((m) => [`${m}() to nobody`, expect.objectContaining({ code: 'expired' })]),
    )
    expect(outcomes).toEqual([expect.objectContaining({ code: 'expired', ran: 'no' })])
    await dispatcher.spawn(Echo, { name: 'nobody' })
    await env.advance(0)
    expect(outcomes).toHaveLength(1)
    expect(await nobody.log()).toEqual([])
    expect(dispatcher.info()).toMatchObject({ deadLetters: 2, deadlines: 0 })
    await dispatcher.close()
  })

  test('is given up at its own deadline, or by its caller', async () => {
    const env = virtualClock()
    const dispatcher = new Dispatcher({ env })
    const nobody = await dispatcher.lookup<Echo>('nobody', { ttl: 1_000 })
    const controller = new AbortController()
    const hasty = outcome(ask(nobody, { timeout: 100 }).say('a'))
    const given = outcome(ask(nobody, { signal: controller.signal }).say('b'))
    controller.abort()
    await env.advance(120)
    expect(await hasty).toMatchObject({ code: 'timeout', ran: 'no' })
    expect(await given).toMatchObject({ code: 'aborted', ran: 'no' })
    const stopping = outcome(stop(nobody))
    await env.advance(1_000)
    expect(await stopping).toMatchObject({ code: 'expired' })
    await dispatcher.spawn(Echo, { name: 'nobody' })
    expect(await nobody.log()).toEqual([])
    expect(dispatcher.info().deadLetters).toBe(0)
    await dispatcher.close()
  })

  test('has the time of calls over the link by which it is found', async () => {
    const env = virtualClock()
    const options = { env, log: () => {} }
    const [a, b] = [new Dispatcher({ ...options, limits: { deadline: 500 } }), new Dispatcher(options)]
    class Sleeper extends Actor {
      sleep(): Promise<never> {
        return new Promise(() => {})
      }
    }
    await b.spawn(Sleeper, { name: 'sleeper' })
    const sleeper = await a.lookup<Sleeper>('sleeper', { ttl: 5_000 })
    const early = outcome(sleeper.sleep())
    await env.advance(1_000)
    await link(a, b, { ...untrusted, offer: { names: ['sleeper'] } })
    await env.advance(400)
    const late = outcome(sleeper.sleep())
    await env.advance(200)
    expect(await early).toMatchObject({ code: 'timeout', ran: 'maybe' })
    await env.advance(400)
    expect(await late).toMatchObject({ code: 'timeout', ran: 'maybe' })
    await Promise.all([a.close({ mode: 'kill' }), b.close({ mode: 'kill' })])
  })

  test.each(['known', 'not known'])('waits again after its link went down, for a name that was %s', async (known) => {
    const env = virtualClock()
    const [a, b, c] = ['a', 'b', 'c'].map((id) => new Dispatcher({ id, env, log: () => {} })) as Dispatcher[]
    const first = await link(a!, b!)
    const spawn = (realm: Dispatcher): Promise<unknown> => realm.spawn(Echo, { name: 'lobby' })
    if (known === 'known') await spawn(b!)
    const lobby = await a!.lookup<Echo>('lobby', { ttl: 10_000 })
    const early = lobby.say('hi')
    if (known !== 'known') await spawn(b!)
    expect(await early).toBe('b: hi')
    await first.close()
    const answer = lobby.say('again')
    tell(lobby).say('and again')
    await env.advance(9_000)
    const second = await link(a!, c!)
    await spawn(c!)
    expect(await answer).toBe('c: again')
    expect(await lobby.log()).toEqual(['again', 'and again'])
    const watch = monitor(lobby)
    a!.register('alias', lobby)
    await second.close()
    const settled: unknown[] = []
    const outcomes = [outcome(lobby.log()), watch.down]
    for (const promise of outcomes) void promise.then((value) => settled.push(value))
    await env.advance(9_900)
    expect(settled).toEqual([])
    await env.advance(400)
    expect(settled[0]).toMatchObject({ code: 'expired', ran: 'no' })
    expect(settled).toHaveLength(2)
    // It may still come back.
    expect(a!.info().names).toEqual(['alias'])
    await Promise.all([a!.close(), b!.close(), c!.close()])
    expect(await outcome(lobby.log())).toMatchObject({ ran: 'no' })
    expect(env.timers).toBe(0)
  })

  test('settles when its dispatcher closes, and none waits there afterwards', async () => {
    const dispatcher = new Dispatcher({ env: virtualClock() })
    const nobody = await dispatcher.lookup<Echo>('nobody', { ttl: 1_000 })
    const waiting = [outcome(nobody.say('a')), outcome(ask(nobody, { timeout: 500 }).say('b')), outcome(stop(nobody))]
    await dispatcher.close()
    for (const refusal of await Promise.all(waiting)) expect(refusal).toMatchObject({ code: 'stopped', ran: 'no' })
    expect(await outcome(nobody.say('c'))).toMatchObject({ code: 'stopped', ran: 'no' })
  })
})
