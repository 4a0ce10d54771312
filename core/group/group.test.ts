import { describe, expect, test, vi } from 'vitest'
import {
  Actor,
  type ActorError,
  address,
  ask,
  Dispatcher,
  ended,
  isAlive,
  kill,
  type LinkOffer,
  monitor,
  type Proxy,
  reference,
  stop,
  tell,
} from '../index.js'
import { REALM, type Realm } from '../realm/realm.js'
import { single } from '../serving/listening.js'
import { virtualClock } from '../testing/index.js'
import { pair, type PairOptions } from '../transport/pair.js'
import { bytes } from '../wire/bytes.js'
import { group, type Group, hash, roundRobin } from './index.js'

class Member extends Actor {
  static readonly concurrency: number = 1
  count = 0
  add(by: number): number {
    return (this.count += by)
  }
  value(): number {
    return this.count
  }
  where(): string {
    return this.context.dispatcher.id
  }
  echo(value: unknown): unknown {
    return value
  }
  call(member: Proxy<Member>): Promise<string> {
    return member.where()
  }
  fail(): never {
    throw new TypeError('wrong')
  }
  async wait(): Promise<void> {
    const { signal } = this.context
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    aborted++
  }
  left(): number {
    return this.context.deadline
  }
  async *numbers(): AsyncGenerator<number> {
    yield 1
    yield 2
  }
  async askAll(name: string): Promise<unknown[]> {
    return repliesOf(group<Member>(this.context.dispatcher, name).all.left())
  }
}
let aborted = 0

const untrusted = { codec: bytes, payload: 'bytes', trusted: false } as const

/** Dispatchers by name, closed after the test. */
function realms<K extends string>(...ids: K[]): Record<K, Dispatcher> & AsyncDisposable {
  const made = Object.fromEntries(ids.map((id) => [id, new Dispatcher({ id, log: () => {} })])) as Record<K, Dispatcher>
  return Object.assign(made, {
    [Symbol.asyncDispose]: async () => void (await Promise.all(ids.map((id) => made[id].close()))),
  })
}

async function link(from: Dispatcher, to: Dispatcher, options: PairOptions & { offer?: LinkOffer } = {}) {
  const [near, far] = pair(options)
  await to.listen(single(far), options.offer)
  const peer = await from.connect<{ Member: typeof Member }>(near)
  await peer.names()
  return Object.assign(peer, { cut: () => far.close() })
}

const inOrder = <T>(values: T[]): T[] => values.sort((one, other) => (String(one) < String(other) ? -1 : 1))

/** What the members replied: values, and codes or names of errors, sorted. */
async function repliesOf(replies: AsyncIterable<{ value?: unknown; reason?: unknown }>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const reply of replies) {
    if ('value' in reply) all.push(reply.value)
    else all.push((reply.reason as ActorError).code ?? (reply.reason as Error).name)
  }
  return inOrder(all)
}

/** For machines that are busy with other things. */
const soon = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 20_000 })

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch(({ code, ran }: ActorError) => [code, ran])
const room = (dispatcher: Dispatcher): Group<Member> => group<Member>(dispatcher, 'room')

/** Members in so many realms, all linked with the first one. */
async function house(many: number): Promise<Dispatcher[]> {
  const all = Array.from({ length: many }, (_, index) => new Dispatcher({ id: `r${index}`, log: () => {} }))
  for (const each of all) await each.spawn(Member, { group: 'room' })
  for (const each of all.slice(1)) await link(each, all[0]!)
  return all
}
const closeAll = (all: Dispatcher[]): Promise<unknown> => Promise.all(all.map((each) => each.close()))

describe('members of a group', () => {
  test('are those that joined, that were spawned with it, and that have its name', async () => {
    await using r = realms('a')
    const joined = await r.a.spawn(Member)
    room(r.a).join(joined)
    room(r.a).join(joined)
    await r.a.spawn(Member, { group: 'room' })
    await r.a.spawn(Member, { name: 'room' })
    await r.a.spawn(Member, { group: 'other' })
    room(r.a).join(reference({ where: () => 'an object' }))
    expect(await room(r.a).members()).toHaveLength(4)
    expect(await repliesOf(room(r.a).all.where())).toEqual(['a', 'a', 'a', 'an object'])
  })

  test('leave when told to, and when they end', async () => {
    await using r = realms('a')
    const [one, two] = [await r.a.spawn(Member, { group: 'room' }), await r.a.spawn(Member)]
    room(r.a).join(two)
    expect(room(r.a).leave(two)).toBe(true)
    expect(room(r.a).leave(two)).toBe(false)
    expect(await room(r.a).members()).toHaveLength(1)
    await stop(one)
    expect(await room(r.a).members()).toEqual([])
  })

  test('are found in all linked realms, over two hops, and by either way', async () => {
    await using r = realms('a', 'b', 'c')
    await link(r.a, r.b)
    await link(r.b, r.c)
    await r.c.spawn(Member, { group: 'room' })
    await r.b.spawn(Member, { name: 'room' })
    const mine = await r.a.spawn(Member)
    room(r.a).join(mine)
    await soon(async () => {
      for (const id of ['a', 'b', 'c'] as const)
        expect(await repliesOf(room(r[id]).all.where())).toEqual(['a', 'b', 'c'])
    })
    // Nobody is shown how that is done.
    expect(r.a.info().names).toEqual([])
    expect(await (await link(r.a, r.c)).names()).toEqual(['room'])
  })

  test('that share the name of the group in several realms are all members', async () => {
    await using r = realms('a', 'b', 'c')
    await link(r.a, r.b)
    await link(r.a, r.c)
    for (const id of ['a', 'b', 'c'] as const) await r[id].spawn(Member, { name: 'room' })
    await soon(async () => expect(await repliesOf(room(r.a).all.where())).toEqual(['a', 'b', 'c']))
  })

  test('that are elsewhere can be joined here, and are one member however often they were', async () => {
    await using r = realms('a', 'b')
    const peer = await link(r.a, r.b, { offer: { actors: { Member } } })
    const there = await peer.spawn('Member', { group: 'room' })
    room(r.a).join(there)
    expect(await room(r.a).members()).toHaveLength(1)
    expect(await room(r.b).members()).toHaveLength(1)
    expect(await repliesOf(room(r.b).all.where())).toEqual(['b'])
  })

  test('are gone with the link to their realm, at once', async () => {
    await using r = realms('a', 'b')
    const peer = await link(r.a, r.b, { offer: { actors: { Member } } })
    await r.a.spawn(Member, { group: 'room' })
    await r.b.spawn(Member, { group: 'room' })
    await r.b.spawn(Member, { name: 'room' })
    room(r.a).join(await peer.spawn('Member'))
    await soon(async () => expect(await room(r.a).members()).toHaveLength(4))
    peer.cut()
    await peer.closed
    expect(await repliesOf(room(r.a).all.where())).toEqual(['a'])
    expect(await repliesOf(room(r.b).all.where())).toEqual(['b', 'b'])
  })

  test('stay members when nobody else holds them, and when they restart', async () => {
    await using r = realms('a')
    const flaky = await r.a.spawn(Member, { group: 'room', restart: 'permanent' })
    const undo = r.a.on('restarted', () => {})
    await codeOf(flaky.fail())
    await soon(async () => expect(await repliesOf(room(r.a).all.value())).toEqual([0]))
    undo()
  })

  test('of a server are those of its own, or of granted names, and no others', async () => {
    await using r = realms('page', 'server', 'thread', 'stranger')
    await link(r.server, r.thread)
    room(r.server)
    await r.server.spawn(Member, { group: 'room' })
    await r.server.spawn(Member, { group: 'secret' })
    await r.thread.spawn(Member, { group: 'room' })
    await soon(async () => expect(await room(r.server).members()).toHaveLength(2))
    await link(r.page, r.server, { ...untrusted, offer: { authorize: () => ({ names: ['room'] }) } })
    await link(r.stranger, r.server, { ...untrusted })
    expect(await repliesOf(room(r.page).all.where())).toEqual(['server', 'thread'])
    expect(await room(r.page).any.where()).toMatch(/server|thread/)
    expect(await group<Member>(r.page, 'secret').members()).toEqual([])
    expect(await repliesOf(room(r.stranger).all.where())).toEqual(['server'])
    // What an untrusted peer has is not in the server's group.
    await r.page.spawn(Member, { group: 'room' })
    expect(await room(r.server).members()).toHaveLength(2)
    // Two that are servers of each other ask each other once.
    await link(r.server, r.page, { ...untrusted, offer: { names: ['room'] } })
    for (const id of ['page', 'server'] as const)
      expect(await repliesOf(room(r[id]).all.where())).toEqual(['page', 'server', 'thread'])
  })
})

test('an actor that is reached by a bus or a trusted link, and through a server too, is one member', async () => {
  await using r = realms('page', 'server')
  room(r.server)
  await r.server.spawn(Member, { group: 'room' })
  await link(r.page, r.server, { ...untrusted, offer: { names: ['room'] } })
  await link(r.page, r.server)
  await soon(async () => expect(await room(r.page).members()).toHaveLength(1))
  expect(await repliesOf(room(r.page).all.where())).toEqual(['server'])
})

describe('group.all', () => {
  test('yields what became of the call at each member, and first how many there are', async () => {
    await using r = realms('a', 'b')
    await link(r.a, r.b)
    await r.a.spawn(Member, { group: 'room' })
    await r.b.spawn(Member, { group: 'room' })
    await soon(async () => expect(await room(r.a).members()).toHaveLength(2))
    const replies = room(r.a).all.add(3)
    expect(await replies.expected).toBe(2)
    const seen = []
    for await (const { member, ...reply } of replies) seen.push([address(member).realm, reply])
    expect(inOrder(seen)).toEqual([
      ['a', { status: 'fulfilled', value: 3 }],
      ['b', { status: 'fulfilled', value: 3 }],
    ])
    expect(await repliesOf(room(r.a).all.fail())).toEqual(['TypeError', 'TypeError'])
  })

  test.each([0, false, undefined, null, ''])('counts the reply %s', async (value) => {
    await using r = realms('a')
    await r.a.spawn(Member, { group: 'room' })
    await r.a.spawn(Member, { group: 'room' })
    expect(await repliesOf(room(r.a).all.echo(value))).toEqual([value, value])
  })

  test('yields the error of a member that dies, and of one whose link does', async () => {
    await using r = realms('a', 'b')
    const { cut } = await link(r.a, r.b)
    const mine = await r.a.spawn(Member, { group: 'room' })
    await r.b.spawn(Member, { group: 'room' })
    await soon(async () => expect(await room(r.a).members()).toHaveLength(2))
    const replies = room(r.a).all.wait()
    expect(await replies.expected).toBe(2)
    await kill(mine)
    cut()
    expect(await repliesOf(replies)).toEqual(['stopped', 'unknown'])
  })

  test('without members is an error of the iteration, and of the number', async () => {
    await using r = realms('a')
    await expect(room(r.a).all.add(1).next()).rejects.toMatchObject({ code: 'empty-group', ran: 'no' })
    await expect(room(r.a).all.add(1).expected).rejects.toMatchObject({ code: 'empty-group' })
    room(r.a).all.add(1)
    await r.a.close()
    await expect(room(r.a).all.add(1).next()).rejects.toMatchObject({ code: 'stopped' })
  })

  test('aborts what still runs once nobody reads on', async () => {
    await using r = realms('a')
    room(r.a).join(reference({ wait: () => 'quick' }))
    await r.a.spawn(Member, { group: 'room' })
    aborted = 0
    for await (const reply of room(r.a).all.wait()) {
      expect(reply).toMatchObject({ status: 'fulfilled', value: 'quick' })
      break
    }
    await soon(() => expect(aborted).toBe(1))
  })

  test('has the timeout and the signal of its group', async () => {
    const env = virtualClock()
    const dispatcher = new Dispatcher({ env, log: () => {} })
    await dispatcher.spawn(Member, { group: 'room' })
    const timed = repliesOf(group<Member>(dispatcher, 'room', { timeout: 100 }).all.wait())
    await env.advance(1_000)
    expect(await timed).toEqual(['timeout'])
    const end = new AbortController()
    const bound = repliesOf(group<Member>(dispatcher, 'room', { signal: end.signal }).all.wait())
    end.abort()
    expect(await bound).toEqual(['aborted'])
    const late = group<Member>(dispatcher, 'room', { signal: end.signal }).all.value()
    expect(await repliesOf(late)).toEqual(['aborted'])
    await dispatcher.close({ mode: 'kill' })
  })

  test('carries the deadline of the handler that calls, also where members have to be looked up first', async () => {
    await using r = realms('a', 'b')
    await link(r.a, r.b)
    await r.b.spawn(Member, { name: 'room' })
    const caller = await r.a.spawn(Member)
    const [left] = (await ask(caller, { timeout: 5_000 }).askAll('room')) as number[]
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(5_000)
  })

  test('gives streams as values', async () => {
    await using r = realms('a')
    await r.a.spawn(Member, { group: 'room' })
    const numbers: number[] = []
    for await (const reply of room(r.a).all.numbers())
      if (reply.status === 'fulfilled') for await (const number of reply.value) numbers.push(number)
    expect(numbers).toEqual([1, 2])
  })
})

describe('group.tell', () => {
  test('reaches every member once, in order, here and elsewhere', async () => {
    const all = await house(3)
    await soon(async () => expect(await room(all[1]!).members()).toHaveLength(3))
    room(all[1]!).tell.add(1)
    room(all[1]!).tell.add(2)
    expect(await repliesOf(room(all[1]!).all.value())).toEqual([3, 3, 3])
    await closeAll(all)
  })

  test('arrives in order, also while members are looked up', async () => {
    await using r = realms('a', 'b')
    await link(r.a, r.b)
    const there = await r.b.spawn(Member, { name: 'room' })
    const here = await r.a.spawn(Member)
    room(r.a).tell.add(1)
    room(r.a).join(here)
    room(r.a).tell.add(2)
    room(r.a).leave(here)
    room(r.a).tell.add(4)
    await soon(async () => expect(await there.value()).toBe(7))
    expect(await here.value()).toBe(2)
  })

  test('without members is a dead letter', async () => {
    await using r = realms('a')
    const lost: unknown[] = []
    r.a.on('dead-letter', ({ about, reason }) => lost.push([about, (reason as ActorError).code]))
    room(r.a).tell.add(1)
    expect(lost).toEqual([["add() to the group 'room'", 'empty-group']])
  })
})

describe('group.any', () => {
  test('runs each of 100 calls at exactly one of 5 members in 5 realms, and each gets its share', async () => {
    const all = await house(5)
    await soon(async () => expect(await room(all[2]!).members()).toHaveLength(5))
    const ran = await Promise.all(Array.from({ length: 100 }, () => room(all[2]!).any.where()))
    // One proxy, too, and one call after the other.
    const { any } = room(all[2]!)
    for (let call = 0; call < 100; call++) await any.add(1)
    expect(ran).toHaveLength(100)
    const counts = (await repliesOf(room(all[2]!).all.value())) as number[]
    expect(counts.reduce((sum, count) => sum + count)).toBe(100)
    for (const count of counts) expect(count).toBeGreaterThanOrEqual(10)
    await closeAll(all)
  })

  test('goes to the member that is least busy', async () => {
    await using r = realms('a')
    const members = [await r.a.spawn(Member, { group: 'room' }), await r.a.spawn(Member, { group: 'room' })]
    const { any } = room(r.a)
    const end = new AbortController()
    const long = codeOf(ask(any, { signal: end.signal }).wait())
    for (let call = 0; call < 4; call++) await any.add(1)
    end.abort()
    expect(await long).toEqual(['aborted', 'maybe'])
    expect(inOrder(await Promise.all(members.map((each) => each.value())))).toEqual([0, 4])
  })

  test('takes turns by roundRobin, and keeps to keys by hash', async () => {
    await using r = realms('a')
    for (let left = 2; left > 0; left--) await r.a.spawn(Member, { group: 'room' })
    const { any } = group<Member>(r.a, 'room', { route: roundRobin() })
    expect([await any.add(1), await any.add(1), await any.add(1), await any.add(1)]).toEqual([1, 1, 2, 2])
    const keyed = group<Member>(r.a, 'room', { route: hash((_, by: number) => by) }).any
    for (let call = 1; call <= 5; call++) expect(await keyed.add(10)).toBe(2 + 10 * call)
  })

  test('asks another member where the first one did not begin, and nobody where it may have', async () => {
    await using r = realms('a')
    const [one, two] = [
      await r.a.spawn(Member, { group: 'room', mailbox: { limit: 1 } }),
      await r.a.spawn(Member, { group: 'room' }),
    ]
    const { any } = group<Member>(r.a, 'room', { route: roundRobin() })
    const running = codeOf(any.wait())
    expect(await any.add(1)).toBe(1)
    tell(one).add(1)
    // This one's turn is the full mailbox of the first.
    expect(await any.add(1)).toBe(2)
    expect(await two.value()).toBe(2)
    await kill(one)
    expect(await running).toEqual(['stopped', 'maybe'])
  })

  test('rejects without members, with errors of the method, of the caller, and of the router', async () => {
    await using r = realms('a')
    expect(await codeOf(room(r.a).any.add(1))).toEqual(['empty-group', 'no'])
    await r.a.spawn(Member, { group: 'room' })
    await expect(room(r.a).any.fail()).rejects.toThrow('wrong')
    await expect((room(r.a).any as unknown as Proxy<{ nope(): void }>).nope()).rejects.toMatchObject({
      code: 'not-exposed',
    })
    const astray = group<Member>(r.a, 'room', { route: () => 7 }).any
    expect(await codeOf(astray.add(1))).toEqual(['malformed', 'no'])
    await expect(stop(room(r.a).any)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  test('can be sent to other realms, and is called there', async () => {
    await using r = realms('a', 'b')
    await link(r.a, r.b)
    await r.a.spawn(Member, { group: 'room' })
    await r.b.spawn(Member, { name: 'echo' })
    const echo = (await r.a.lookup<Member>('echo'))!
    const { any } = room(r.a)
    expect(await echo.echo(any)).toBe(any)
    expect(await echo.call(any)).toBe('a')
  })

  test('gives up a call that waits at its member as one that did not run', async () => {
    await using r = realms('a')
    const one = await r.a.spawn(Member, { group: 'room' })
    const busy = codeOf(one.wait())
    const end = new AbortController()
    const call = codeOf(ask(room(r.a).any, { signal: end.signal }).add(1))
    end.abort()
    expect(await call).toEqual(['aborted', 'no'])
    await kill(one)
    await busy
  })
})

describe('group', () => {
  test('refuses what it cannot use', async () => {
    await using r = realms('a')
    const wrong = expect.objectContaining({ code: 'malformed' })
    expect(() => group(undefined as never, 'room')).toThrow(wrong)
    expect(() => group({} as never, 'room')).toThrow(wrong)
    for (const name of ['', 'a/b', 7 as never]) expect(() => group(r.a, name)).toThrow(wrong)
    expect(() => group(r.a, 'room', { timeout: Number.NaN })).toThrow(wrong)
    expect(() => group(r.a, 'room', { signal: 1 as never })).toThrow(wrong)
    expect(() => group(r.a, 'room', { route: 'any' as never })).toThrow(wrong)
    for (const member of [undefined, null, 7, {}, () => {}])
      expect(() => room(r.a).join(member as never)).toThrow(wrong)
    await expect(r.a.spawn(Member, { group: 'a/b' })).rejects.toMatchObject({ code: 'malformed' })
  })

  test('of a peer that is not trusted is not joined by what it spawns', async () => {
    await using r = realms('page', 'server')
    const peer = await link(r.page, r.server, { ...untrusted, offer: { actors: { Member } } })
    await expect(peer.spawn('Member', { group: 'room' })).rejects.toMatchObject({ code: 'unauthorized' })
  })
})

const realmOf = (dispatcher: Dispatcher): Realm => (dispatcher as unknown as Record<symbol, Realm>)[REALM]!

describe('an untrusted peer', () => {
  test('gets no members for what is no name, and the server remembers none of it', async () => {
    await using r = realms('page', 'server')
    room(r.server)
    await r.server.spawn(Member, { group: 'room' })
    await link(r.page, r.server, untrusted)
    const [server] = realmOf(r.page).directory.of('')
    for (const name of [['room'], null, 5, {}, '', '/', 'room/server/1'])
      expect(await server!.via.request('members', [name])).toEqual([])
    expect(await server!.via.request('members', ['room'])).toHaveLength(1)
  })

  test('reaches no member by the name of its membership', async () => {
    await using r = realms('page', 'server')
    const member = await r.server.spawn(Member, { group: 'room' })
    const peer = await link(r.page, r.server, untrusted)
    expect(await peer.lookup(`room/server/${address(member).id}`)).toBeUndefined()
  })
})

test('a group that a server cannot tell all members of is logged', async () => {
  const texts: string[] = []
  await using page = new Dispatcher({
    log: ({ text, error }) => texts.push(`${text} ${(error as ActorError).code}`),
    limits: { references: 4 },
  })
  await using r = realms('server')
  await link(page, r.server, untrusted)
  for (let n = 0; n < 8; n++) await r.server.spawn(Member, { group: 'room' })
  room(r.server)
  expect(await codeOf(room(page).any.value())).toEqual(['empty-group', 'no'])
  expect(texts).toEqual(['[troupe] looking for members of room at server failed, and no caller awaits it quota'])
})

describe('a server that does not answer', () => {
  async function frozen() {
    const r = realms('page', 'server')
    realmOf(r.server).groups = { answer: () => new Promise(() => {}) }
    await link(r.page, r.server, untrusted)
    await r.page.spawn(Member, { group: 'room' })
    return r
  }

  test('is waited for no longer than a call of all members has time', async () => {
    await using r = await frozen()
    const { all } = group<Member>(r.page, 'room', { timeout: 20 })
    const replies = all.add(1)
    await expect(replies.next()).rejects.toMatchObject({ code: 'timeout', ran: 'no' })
    await expect(replies.expected).rejects.toMatchObject({ code: 'timeout' })
    const end = new AbortController()
    const bound = group<Member>(r.page, 'room', { signal: end.signal }).all.add(1).next()
    end.abort()
    await expect(bound).rejects.toMatchObject({ code: 'aborted', ran: 'no' })
  })

  test('is not waited for by a reader that leaves', async () => {
    await using r = await frozen()
    const replies = room(r.page).all.add(1)
    const next = replies.next()
    expect(await replies.return!()).toEqual({ done: true, value: undefined })
    expect(await next).toEqual({ done: true, value: undefined })
  })
})

describe('replies', () => {
  test('that are left before the first one, or while one is awaited, abort the calls', async () => {
    await using r = realms('a')
    await r.a.spawn(Member, { group: 'room' })
    aborted = 0
    const early = room(r.a).all.wait()
    await early.expected
    await r.a.lookup('nobody')
    await early.return!()
    await soon(() => expect(aborted).toBe(1))
    const late = room(r.a).all.wait()
    const next = late.next()
    await r.a.lookup('nobody')
    await late.return!()
    await next
    await soon(() => expect(aborted).toBe(2))
  })
})

describe('a router', () => {
  const wrong: unknown[] = ['length', 'at', Symbol.iterator, {}, -1, 0.5, Number.NaN, undefined]

  test.each(wrong)('that returns %s rejects the call, also while members are looked up', async (index) => {
    await using r = realms('a', 'b')
    await link(r.a, r.b)
    await r.b.spawn(Member, { name: 'room' })
    const { any } = group<Member>(r.a, 'room', { route: () => index as number })
    expect(await codeOf(any.value())).toEqual(['malformed', 'no'])
    expect(await codeOf(any.value())).toEqual(['malformed', 'no'])
    tell(any).value()
  })

  test('that is async, or whose key is, rejects the call and nothing else', async () => {
    await using r = realms('a')
    await r.a.spawn(Member, { group: 'room' })
    const fails = async (): Promise<never> => {
      throw new Error('late')
    }
    for (const route of [fails as never, hash(fails as never)]) {
      const { any } = group<Member>(r.a, 'room', { route })
      expect(await codeOf(any.value())).toEqual(['malformed', 'no'])
    }
  })

  test('that aborts the call keeps it from running', async () => {
    await using r = realms('a')
    const member = await r.a.spawn(Member, { group: 'room' })
    const end = new AbortController()
    const route = (): number => {
      end.abort()
      return 0
    }
    const { any } = group<Member>(r.a, 'room', { route })
    expect(await codeOf(ask(any, { signal: end.signal }).add(1))).toEqual(['aborted', 'no'])
    expect(await member.value()).toBe(0)
  })

  test('is asked for one member after the other, however many are full', async () => {
    await using r = realms('a')
    const members = await Promise.all(
      Array.from({ length: 2_000 }, () => r.a.spawn(Member, { group: 'room', mailbox: { limit: 1 } })),
    )
    for (const member of members) {
      tell(member).wait()
      tell(member).add(1)
    }
    expect(await codeOf(room(r.a).any.value())).toEqual(['overloaded', 'no'])
    await r.a.close({ mode: 'kill' })
  })
})

test('neither an actor that has ended nor a proxy of a group becomes a member', async () => {
  await using r = realms('a')
  const member = await r.a.spawn(Member)
  await stop(member)
  expect(() => room(r.a).join(member)).toThrow(expect.objectContaining({ code: 'stopped' }))
  for (const name of ['room', 'other'])
    expect(() => room(r.a).join(group<Member>(r.a, name).any)).toThrow(expect.objectContaining({ code: 'malformed' }))
  expect(await room(r.a).members()).toEqual([])
})

test('one-way messages stay in order when a member leaves and comes back while a server is asked', async () => {
  await using r = realms('page', 'server')
  room(r.server)
  await link(r.page, r.server, untrusted)
  const heard: number[] = []
  class Listener extends Actor {
    add(by: number): void {
      heard.push(by)
    }
  }
  const member = await r.page.spawn(Listener)
  const listeners = group<Listener>(r.page, 'listeners')
  listeners.join(member)
  listeners.tell.add(1)
  listeners.leave(member)
  listeners.join(member)
  for (let n = 2; n < 10; n++) listeners.tell.add(n)
  await soon(() => expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]))
})

test('the proxy of any member ends with its dispatcher', async () => {
  await using r = realms('a')
  await r.a.spawn(Member, { group: 'room' })
  const { any } = room(r.a)
  const [end, { down }, left] = [ended(any), monitor(any), monitor(any)]
  let isTold = false
  void left.down.then(() => (isTold = true))
  left[Symbol.dispose]()
  expect(await isAlive(any)).toBe(true)
  await r.a.close()
  for (const reason of await Promise.all([end, down, ended(any), monitor(any).down]))
    expect(reason).toMatchObject({ code: 'stopped' })
  expect(isTold).toBe(false)
  expect(await isAlive(any)).toBe(false)
  expect(await codeOf(any.value())).toEqual(['stopped', 'no'])
})
