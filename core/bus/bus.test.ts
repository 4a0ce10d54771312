import { bus } from '../serving/joining.js'
import { describe, expect, test } from 'vitest'
import { Deferred } from '../ground/deferred.js'
import { Actor, type ActorError, address, Dispatcher, type Medium, type Packet, ping } from '../index.js'
import { ActorError as Failure } from '../ground/errors.js'
import { virtualClock } from '../testing/index.js'
import { adaptive } from '../wire/adaptive.js'

class Echo extends Actor {
  echo(value: unknown): unknown {
    return value
  }
  unreadable(): unknown {
    return /unreadable/
  }
  say(text: string): string {
    return `${address(this.context.self).realm}: ${text}`
  }
  hang(): Promise<void> {
    const { signal } = this.context
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
  }
}

/** A bus in this realm; `tells` if it knows who is on it. */
class Hub {
  readonly seats = new Map<string, Seat>()
  /** Everything that was said. */
  readonly packets: Packet[] = []
  constructor(readonly tells = false) {}

  readonly bus = bus((member) => this.open(member))

  open(member: string): Seat {
    return new Seat(this, member)
  }
}

class Seat implements Medium {
  readonly traits = {
    payload: 'clone',
    transfer: false,
    ordered: true,
    topology: 'bus',
    trusted: true,
    heartbeat: true,
  } as const
  readonly codec = adaptive
  readonly members: Medium['members']
  readonly watch: Medium['watch']
  readonly #closed = new Deferred<ActorError>()
  readonly #hub: Hub
  readonly #id: string
  #listener: ((data: unknown) => void) | undefined
  readonly died = new Set<() => void>()

  constructor(hub: Hub, id: string) {
    this.#hub = hub
    this.#id = id
    hub.seats.set(id, this)
    if (!hub.tells) return
    this.members = async () => [...hub.seats.keys()]
    this.watch = (member, died) => {
      const seat = hub.seats.get(member)
      seat?.died.add(died)
      return () => seat?.died.delete(died)
    }
  }

  get closed(): Promise<ActorError> {
    return this.#closed.promise
  }

  send(packet: unknown): void {
    this.#hub.packets.push(packet as Packet)
    const data = (packet as Packet | null)?.data
    // As a channel drops what its members cannot read.
    if (Array.isArray(data) && data.some((value) => value instanceof RegExp && value.source === 'unreadable')) return
    for (const seat of this.#hub.seats.values()) {
      if (seat !== this) queueMicrotask(() => seat.#listener?.(structuredClone(packet)))
    }
  }

  receive(listener: (data: unknown) => void): void {
    this.#listener = listener
  }

  close(): void {
    this.#hub.seats.delete(this.#id)
    this.#closed.resolve(new Failure('stopped', 'closed'))
  }

  /** Gone without a word. */
  crash(): void {
    this.#hub.seats.delete(this.#id)
    this.#listener = undefined
    for (const died of this.died) died()
  }
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
const realm = (id: string): Dispatcher => new Dispatcher({ id, log: () => {} })
const ids = (dispatcher: Dispatcher): string[] => dispatcher.peers.map(({ id }) => id).sort()

describe.each([true, false])('a bus (which tells who is there: %s)', (tells) => {
  test('links everybody with everybody, and names are found at once', async () => {
    const hub = new Hub(tells)
    const realms = ['a', 'b', 'c', 'd'].map(realm)
    for (const one of realms) {
      await one.spawn(Echo, { name: `echo ${one.id}` })
      await one.join(hub.bus)
    }
    for (const one of realms) expect(ids(one)).toEqual(['a', 'b', 'c', 'd'].filter((id) => id !== one.id))
    for (const one of realms) {
      for (const other of realms) {
        const echo = await one.lookup<Echo>(`echo ${other.id}`)
        expect(await echo!.say('hi')).toBe(`${other.id}: hi`)
      }
    }
    await Promise.all(realms.map((one) => one.close()))
    expect(hub.seats.size).toBe(0)
  })

  test('waits for nobody long, also if it does not say who is there', async () => {
    const hub = new Hub(tells)
    const silent = bus((member) => {
      const seat = hub.open(member)
      return Object.assign(seat, { members: () => new Promise<never>(() => {}) })
    })
    const [a, b] = [realm('a'), realm('b')]
    const start = performance.now()
    await a.join(hub.bus)
    await b.join(silent)
    expect(performance.now() - start).toBeLessThan(5_000)
    expect(ids(b)).toEqual(['a'])
    await Promise.all([a.close(), b.close()])
  })

  test('tells who leaves, and his calls settle', async () => {
    const hub = new Hub(tells)
    const [a, b] = [realm('a'), realm('b')]
    await b.spawn(Echo, { name: 'echo' })
    const mine = await a.join(hub.bus)
    const theirs = await b.join(hub.bus)
    expect(mine.peers.map(({ id }) => id)).toEqual(['b'])
    const echo = (await a.lookup<Echo>('echo'))!
    const call = outcome(echo.hang())
    await ping(echo)
    await theirs.leave()
    expect(await call).toMatchObject({ code: 'unknown', ran: 'maybe' })
    expect([ids(a), ids(b)]).toEqual([[], []])
    expect(await a.lookup('echo')).toBeUndefined()
    expect(await outcome(echo.say('gone'))).toMatchObject({ code: 'unreachable', ran: 'no' })
    await b.join(hub.bus)
    expect(await echo.say('back')).toBe('b: back')
    await Promise.all([a.close(), b.close()])
  })

  test('carries what is for one to that one only', async () => {
    const hub = new Hub(tells)
    const realms = ['a', 'b', 'c'].map(realm)
    for (const one of realms) {
      await one.spawn(Echo, { name: `echo ${one.id}` })
      await one.join(hub.bus)
    }
    const [a, b, c] = realms as [Dispatcher, Dispatcher, Dispatcher]
    const toB = (await a.lookup<Echo>('echo b'))!
    const toC = (await a.lookup<Echo>('echo c'))!
    const calls = Array.from({ length: 100 }, (_, n) => (n % 2 ? toB : toC).say(String(n)))
    const answers = await Promise.all(calls)
    answers.forEach((answer, n) => expect(answer).toBe(`${n % 2 ? 'b' : 'c'}: ${n}`))
    // A name that one member has is said to each of the others, and repeated by none of them.
    hub.packets.length = 0
    await b.spawn(Echo, { name: 'new' })
    await expect.poll(() => c.lookup('new')).toBeDefined()
    const saying = hub.packets.filter(({ data }) => Array.isArray(data) && data.includes('new') && data[0] === 12)
    expect(saying).toHaveLength(2)
    await Promise.all(realms.map((one) => one.close()))
  })
})

test('a call whose argument or outcome is dropped by the bus fails alone', async () => {
  const hub = new Hub()
  const [a, b, c] = [realm('a'), realm('b'), realm('c')]
  await b.spawn(Echo, { name: 'echo' })
  for (const one of [a, b, c]) await one.join(hub.bus)
  const echo = (await a.lookup<Echo>('echo'))!
  const other = (await c.lookup<Echo>('echo'))!
  for (let round = 0; round < 3; round++) {
    const calls = [
      echo.echo(/readable/),
      echo.echo([/unreadable/]),
      other.echo(/readable/),
      echo.unreadable(),
      other.echo(/unreadable/),
      echo.echo(1),
    ]
    const lost = (ran: string): unknown => expect.objectContaining({ code: 'uncloneable', ran })
    const outcomes = await Promise.all(calls.map(outcome))
    expect(outcomes).toEqual([/readable/, lost('no'), /readable/, lost('maybe'), lost('no'), 1])
  }
  await Promise.all([a.close(), b.close(), c.close()])
})

test('a member that crashes is noticed where the bus tells', async () => {
  const hub = new Hub(true)
  const [a, b] = [realm('a'), realm('b')]
  await b.spawn(Echo, { name: 'echo' })
  await a.join(hub.bus)
  const before = new Set(hub.seats.keys())
  await b.join(hub.bus)
  const echo = (await a.lookup<Echo>('echo'))!
  const call = outcome(echo.hang())
  await ping(echo)
  for (const [id, seat] of hub.seats) if (!before.has(id)) seat.crash()
  expect(await call).toMatchObject({ code: 'unknown' })
  expect(ids(a)).toEqual([])
  await Promise.all([a.close(), b.close({ mode: 'kill' })])
})

test('a member that crashes is noticed by the heartbeat elsewhere', async () => {
  const env = virtualClock()
  const hub = new Hub()
  const a = new Dispatcher({ id: 'a', env })
  const b = new Dispatcher({ id: 'b', env })
  await b.spawn(Echo, { name: 'echo' })
  const joining = Promise.all([a.join(hub.bus), b.join(hub.bus)])
  await env.advance(100)
  await joining
  const [, seat] = [...hub.seats.values()]
  const echo = (await a.lookup<Echo>('echo'))!
  const call = outcome(echo.hang())
  await env.advance(0)
  seat!.crash()
  await env.advance(45_000)
  expect(await call).toMatchObject({ code: 'unknown' })
  expect(ids(a)).toEqual([])
  await a.close()
  await b.close({ mode: 'kill' })
})

test('joining waits no longer than a second for one who is there and does not answer', async () => {
  const env = virtualClock()
  const hub = new Hub(true)
  hub.open('frozen')
  const a = new Dispatcher({ id: 'a', env })
  let joined = false
  void a.join(hub.bus).then(() => (joined = true))
  await env.advance(900)
  expect(joined).toBe(false)
  await env.advance(200)
  expect(joined).toBe(true)
  await a.close()
  expect(env.timers).toBe(0)
})

test('what strangers say is nobody’s', async () => {
  const hub = new Hub(true)
  const a = realm('a')
  await a.join(hub.bus)
  const [self] = [...hub.seats.keys()]
  const stranger = hub.open('stranger')
  const noise = [null, 'hello', 7, {}, { from: 1, kind: 'here' }, { from: 'x', to: 2 }, []]
  const packets = [
    { from: 'stranger', to: self, kind: 'data', data: ['nothing'] },
    { from: 'other', to: 'nobody', kind: 'here' },
    { from: 'other', to: self, kind: 'gone' },
  ]
  for (const said of [...noise, ...packets]) stranger.send(said)
  await new Promise((resolve) => setTimeout(resolve, 0))
  expect(ids(a)).toEqual([])
  await a.close()
})
