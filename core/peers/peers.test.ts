import { bus } from '../serving/joining.js'
import { listener, single } from '../serving/listening.js'
import { describe, expect, test } from 'vitest'
import {
  Actor,
  type ActorError,
  type Address,
  address,
  ask,
  type Connector,
  Dispatcher,
  monitor,
  type Proxy,
  stop,
  tell,
  transfer,
} from '../index.js'
import { ActorError as Failure } from '../ground/errors.js'
import { returning } from './returning.js'
import { pair, type PairEnd } from '../transport/pair.js'
import { virtualClock, type VirtualClock } from '../testing/index.js'

class Counter extends Actor {
  #count: number
  constructor(
    { start = 0 }: { start?: number; buffer?: ArrayBuffer; fn?: () => number } = {},
    readonly mute = '',
  ) {
    super()
    this.#count = start
  }
  override async onStart(): Promise<void> {
    if (this.mute) await new Promise(() => {})
  }
  increment(): number {
    return ++this.#count
  }
  another(): Promise<Proxy<Counter>> {
    return this.context.spawn(Counter)
  }
  hang(): Promise<void> {
    return new Promise(() => {})
  }
}

const outcome = (promise: Promise<unknown>): Promise<ActorError> => promise.then(fail, (error: ActorError) => error)
const fail = (value: unknown): never => {
  throw new Error(`expected a rejection, got ${String(value)}`)
}

/** A place where a realm is started for whoever dials, and again when it died. */
class Place implements Connector {
  readonly returns = returning
  realm: Dispatcher | undefined
  dials = 0
  /** While it is set, nobody answers. */
  down = false
  /** While it is set, a realm comes up that never says hello. */
  isSilent = false
  /** While it is set, whoever is spawned does not come up. */
  isMute = false
  #near: PairEnd | undefined
  #far: PairEnd | undefined
  readonly #env: VirtualClock

  constructor(env: VirtualClock) {
    this.#env = env
  }

  async open(): Promise<PairEnd> {
    this.dials++
    if (this.down) throw new Error('nobody is there')
    const [near, far] = pair()
    if (this.isSilent) return near
    this.#near = near
    this.#far = far
    this.realm = new Dispatcher({ env: this.#env, log: () => {} })
    if (this.isMute) this.realm.on('spawning', ({ options }) => (options.args as unknown[]).push('mute'))
    await this.realm.listen(single(far), { actors: { Counter, shared: new Counter() } })
    return near
  }

  /** The link is gone as soon as the next thing that the realm says has arrived. */
  crashBehindAnswer(): void {
    const [near, far] = [this.#near!, this.#far!]
    far.send = (data) => {
      ;(near as unknown as { take(data: unknown): void }).take(structuredClone(data))
      near.fail(new Failure('unreachable', 'gone'))
      void this.realm!.close({ mode: 'kill' })
    }
  }

  /** The realm says nothing more. */
  hush(): void {
    this.#far!.send = () => {}
  }

  /** The realm is gone without a word. */
  crash(): void {
    this.#far!.send = () => {}
    this.#far!.close()
    void this.realm!.close({ mode: 'kill' })
  }
}

async function connected() {
  const env = virtualClock()
  const place = new Place(env)
  const dispatcher = new Dispatcher({ env, log: () => {} })
  const peer = await dispatcher.connect<{ Counter: typeof Counter }>(place)
  return { env, place, dispatcher, peer }
}

describe('a peer that returns', () => {
  test('is dialled again: its calls settle, and a proxy found by name reaches the next one', async () => {
    const { env, place, dispatcher, peer } = await connected()
    const events: string[] = []
    dispatcher.on('peer-up', (id) => events.push(`up ${id}`))
    dispatcher.on('peer-down', (id) => events.push(`down ${id}`))
    const shared = (await dispatcher.lookup<Counter>('shared'))!
    expect([await shared.increment(), await shared.increment()]).toEqual([1, 2])
    const old = peer.id
    const inFlight = outcome(shared.hang())
    await env.advance(0)
    place.crash()
    expect(await inFlight).toMatchObject({ code: 'unknown', ran: 'maybe' })
    const calls = Promise.all([shared.increment(), shared.increment()])
    tell(shared).increment()
    await env.advance(0)
    expect(await calls).toEqual([1, 2])
    expect(await shared.increment()).toBe(4)
    expect(await dispatcher.lookup('shared')).toBeDefined()
    expect(peer.id).not.toBe(old)
    expect(events).toEqual([`down ${old}`, `up ${peer.id}`])
    expect(dispatcher.peers).toEqual([peer])
    for (let again = 0; again < 3; again++) {
      place.crash()
      await env.advance(3_000)
      expect(await shared.increment()).toBe(1)
    }
    await dispatcher.close()
    expect(await peer.closed).toMatchObject({ code: 'stopped' })
    expect(env.timers).toBe(0)
  })

  test.each([
    ['dies', 'the other end was closed'],
    ['is silent', 'the peer does not answer'],
  ])('is named in the log, with the reason, when it is back after it %s', async (how, reason) => {
    const env = virtualClock()
    const place = new Place(env)
    const lines: string[] = []
    const dispatcher = new Dispatcher({ env, log: ({ text, error }) => void lines.push(`${text}: ${String(error)}`) })
    const connector = { file: './counter.worker.js', returns: returning, open: () => place.open() }
    await dispatcher.connect(connector, { unresponsive: { after: 1_000, grace: 500 } })
    if (how === 'dies') place.crash()
    else place.hush()
    await env.advance(3_000)
    expect(place.dials).toBe(2)
    expect(lines).toEqual([
      `[troupe] ./counter.worker.js ended, and was started again with new state: ActorError: [troupe] ${reason}`,
    ])
    await dispatcher.close()
  })

  test('is not named in the log where it kept its state', async () => {
    const env = virtualClock()
    const realm = new Dispatcher({ env })
    let far!: PairEnd
    const open = async (): Promise<PairEnd> => {
      const [near, other] = pair()
      await realm.listen(single((far = other)), { actors: { Counter } })
      return near
    }
    const lines: string[] = []
    const dispatcher = new Dispatcher({ env, log: ({ text }) => void lines.push(text) })
    const peer = await dispatcher.connect<{ Counter: typeof Counter }>({ returns: returning, open })
    far.fail(new Failure('unreachable', 'out of reach'))
    await env.advance(1_000)
    expect(await (await peer.spawn('Counter')).increment()).toBe(1)
    expect(lines).toEqual([])
    await dispatcher.close()
    await realm.close()
  })

  test('is dialled again: a proxy that it found itself reaches the next one', async () => {
    const { env, place, dispatcher, peer } = await connected()
    const shared = (await peer.lookup<Counter>('shared'))!
    expect([await shared.increment(), await shared.increment()]).toEqual([1, 2])
    place.crash()
    await env.advance(0)
    expect(await shared.increment()).toBe(1)
    place.crash()
    await env.advance(0)
    const waiting = shared.increment()
    await env.advance(100)
    expect(await waiting).toBe(1)
    await dispatcher.close()
    expect(env.timers).toBe(0)
  })

  test('is dialled again: a proxy that it found does not become one of another realm', async () => {
    const { env, place, dispatcher, peer } = await connected()
    const gone = await place.realm!.spawn(Counter, { name: 'gone' })
    await gone.increment()
    const found = (await peer.lookup<Counter>('gone'))!
    await dispatcher.spawn(Counter, { name: 'gone' })
    place.crash()
    await env.advance(0)
    expect(await outcome(found.increment())).toMatchObject({ code: 'unreachable', ran: 'no' })
    await dispatcher.close()
    expect(env.timers).toBe(0)
  })

  test('is reached again, by name, from behind the realm that dials it', async () => {
    const { env, place, dispatcher } = await connected()
    const behind = new Dispatcher({ env, log: () => {} })
    const [near, far] = pair()
    await dispatcher.listen(single(far))
    await behind.connect(near)
    const shared = (await behind.lookup<Counter>('shared'))!
    expect([await shared.increment(), await shared.increment()]).toEqual([1, 2])
    place.crash()
    await env.advance(0)
    expect(await shared.increment()).toBe(1)
    await Promise.all([behind.close(), dispatcher.close()])
    expect(env.timers).toBe(0)
  })

  test('brings back what was spawned through it, with id, name and arguments, behind the same proxy', async () => {
    const { env, place, dispatcher, peer } = await connected()
    const args: [{ start: number }] = [{ start: 10 }]
    const named = await peer.spawn('Counter', { name: 'named', args })
    const nameless = await peer.spawn('Counter')
    const stopped = await peer.spawn('Counter')
    args[0].start = 99
    await stop(stopped)
    const before = [address(named), address(nameless)]
    expect([await named.increment(), await nameless.increment()]).toEqual([11, 1])
    const down = monitor(named)
    for (let again = 0; again < 3; again++) {
      const lost = new Promise((resolve) => dispatcher.on('peer-down', resolve))
      place.crash()
      await lost
      const calls = [named.increment(), nameless.increment(), stopped.increment()].map((call) =>
        call.catch((e: ActorError) => e.code),
      )
      await env.advance(3_000)
      expect(await Promise.all(calls)).toEqual([11, 1, 'unreachable'])
    }
    const strip = ({ id, name, path, kind }: Address) => ({ id, name, path, kind })
    expect([address(named), address(nameless)].map(strip)).toEqual(before.map(strip))
    expect(address(named).realm).toBe(peer.id)
    await stop(named, { reason: 'enough' })
    expect(await down.down).toBe('enough')
    place.crash()
    await env.advance(10_000)
    expect(await outcome(named.increment())).toMatchObject({ code: 'unreachable', ran: 'no' })
    await dispatcher.close()
    expect(env.timers).toBe(0)
  })

  test('keeps what is asked of an actor that is yet to be spawned there', async () => {
    const { env, place, dispatcher, peer } = await connected()
    const lost = new Promise((resolve) => dispatcher.on('peer-down', resolve))
    place.crash()
    await lost
    const call = ask(peer.spawn('Counter', { args: [{ start: 10 }] })).increment()
    await env.advance(3_000)
    expect(await call).toBe(11)
    await dispatcher.close()
    expect(env.timers).toBe(0)
  })

  test('keeps those who wait, also when it dies again before its actors are back', async () => {
    const { env, place, dispatcher, peer } = await connected()
    const counter = await peer.spawn('Counter', { args: [{ start: 10 }] })
    place.isMute = true
    const lost = new Promise((resolve) => dispatcher.on('peer-down', resolve))
    place.crash()
    await lost
    const call = counter.increment()
    await env.advance(0)
    expect(place.dials).toBe(2)
    place.isMute = false
    place.crash()
    await env.advance(3_000)
    expect(await call).toBe(11)
    await dispatcher.close()
    expect(env.timers).toBe(0)
  })

  test('brings back what it died behind the answer of', async () => {
    const { env, place, dispatcher, peer } = await connected()
    place.crashBehindAnswer()
    const counter = await peer.spawn('Counter', { args: [{ start: 10 }] })
    const call = counter.increment()
    await env.advance(3_000)
    expect(await call).toBe(11)
    expect(place.dials).toBe(2)
    await dispatcher.close()
    expect(env.timers).toBe(0)
  })

  test('gives up what it died behind the answer of, if it is gone for good', async () => {
    const { env, place, dispatcher, peer } = await connected()
    place.crashBehindAnswer()
    place.down = true
    const spawning = peer.spawn('Counter')
    await env.advance(20_000)
    expect(await outcome((await spawning).increment())).toMatchObject({ code: 'unreachable', ran: 'no' })
    await dispatcher.close()
    expect(env.timers).toBe(0)
  })

  test('does not bring back what was made of moved or referenced arguments', async () => {
    const { env, place, dispatcher, peer } = await connected()
    const buffer = new ArrayBuffer(8)
    const moved = await peer.spawn('Counter', { args: [transfer({ start: 1, buffer }, [buffer])] })
    const held = await peer.spawn('Counter', { args: [{ start: 1, fn: () => 1 }] })
    place.crash()
    await env.advance(0)
    for (const actor of [moved, held]) {
      expect(await outcome(actor.increment())).toMatchObject({ code: 'not-restartable', ran: 'no' })
    }
    await dispatcher.close()
  })

  test('gives proxies that it handed out otherwise nothing: they are unreachable', async () => {
    const { env, place, dispatcher, peer } = await connected()
    const counter = await peer.spawn('Counter')
    const other = await counter.another()
    expect(await other.increment()).toBe(1)
    const watch = monitor(other)
    place.crash()
    await env.advance(0)
    expect(await outcome(other.increment())).toMatchObject({ code: 'unreachable', ran: 'no' })
    expect(await watch.down).toMatchObject({ code: 'unreachable' })
    await dispatcher.close()
  })

  test('lets what is asked of it wait', async () => {
    const { env, place, dispatcher, peer } = await connected()
    place.down = true
    place.crash()
    await env.advance(60)
    const names = peer.names()
    place.down = false
    await env.advance(1_000)
    expect(await names).toEqual(['shared'])
    await dispatcher.close()
  })

  test('brings back what it had spawned beside what others spawn meanwhile, where the realm is shared', async () => {
    const env = virtualClock()
    let shared: Dispatcher | undefined
    const ends: PairEnd[] = []
    const dial = (delay: number): Connector => ({
      returns: returning,
      async open() {
        shared ??= new Dispatcher({ env, log: () => {} })
        const realm = shared
        await new Promise<void>((resolve) => void env.setTimer(resolve, delay))
        const [near, far] = pair()
        ends.push(far)
        await realm.listen(single(far), { actors: { Counter } })
        return near
      },
    })
    const dispatchers = [0, 1].map(() => new Dispatcher({ env, log: () => {} }))
    const connecting = dispatchers.map((each, n) => each.connect<{ Counter: typeof Counter }>(dial(n * 50)))
    await env.advance(100)
    const [first, second] = await Promise.all(connecting)
    const counters = [await first!.spawn('Counter'), await second!.spawn('Counter')]
    const died = shared!
    shared = undefined
    for (const end of ends.splice(0)) end.close()
    await env.advance(10)
    // The first is back, and the second is not yet.
    for (let n = 0; n < 6; n++) await first!.spawn('Counter')
    await env.advance(1_000)
    expect(await Promise.all(counters.map((counter) => counter.increment()))).toEqual([1, 1])
    await Promise.all(
      [...dispatchers, died, shared as unknown as Dispatcher].map((each) => each.close({ mode: 'kill' })),
    )
  })

  test('is given up after five attempts: what waits fails as never run', async () => {
    const { env, place, dispatcher, peer } = await connected()
    const shared = (await dispatcher.lookup<Counter>('shared'))!
    place.down = true
    place.crash()
    await env.advance(0)
    const call = outcome(shared.increment())
    const names = outcome(peer.names())
    await env.advance(10_000)
    expect(await call).toMatchObject({ code: 'unreachable', ran: 'no' })
    expect(await names).toMatchObject({ code: 'unreachable', ran: 'no' })
    expect(await peer.closed).toMatchObject({ code: 'escalated', cause: { code: 'unreachable' } })
    expect(place.dials).toBe(6)
    expect(await outcome(shared.increment())).toMatchObject({ code: 'unreachable', ran: 'no' })
    expect(dispatcher.info().deadlines).toBe(0)
    await dispatcher.close()
    expect(env.timers).toBe(0)
  })

  test('is given up after five attempts, also where each takes the time of a handshake', async () => {
    const { env, place, dispatcher, peer } = await connected()
    const counter = await peer.spawn('Counter')
    place.isSilent = true
    place.crash()
    await env.advance(0)
    const waiting = [counter.increment(), peer.spawn('Counter'), peer.names()].map(outcome)
    await env.advance(5 * 31_000)
    for (const failed of waiting) expect(await failed).toMatchObject({ code: 'unreachable', ran: 'no' })
    expect(await peer.closed).toMatchObject({ code: 'escalated', cause: { code: 'handshake-timeout' } })
    expect(place.dials).toBe(6)
    await dispatcher.close()
    expect(env.timers).toBe(0)
  })

  test.each(['peer', 'dispatcher', 'far'] as const)('is not dialled again once it was closed: %s', async (close) => {
    const { env, place, dispatcher, peer } = await connected()
    await { peer, dispatcher, far: place.realm! }[close].close()
    await env.advance(10_000)
    expect(place.dials).toBe(1)
    await dispatcher.close()
    expect(await peer.closed).toMatchObject({ code: 'stopped' })
    expect(env.timers).toBe(0)
  })

  test('is not dialled again once it was closed while it was gone', async () => {
    const { env, place, dispatcher, peer } = await connected()
    place.down = true
    place.crash()
    await env.advance(60)
    const { dials } = place
    await peer.close()
    await env.advance(10_000)
    expect(place.dials).toBe(dials)
    await dispatcher.close()
    expect(env.timers).toBe(0)
  })
})

describe('what opens nothing', () => {
  test('is malformed at once, for connect and for listen', async () => {
    await using dispatcher = new Dispatcher()
    let closed = 0
    const closes = { close: () => closed++ }
    const onMany = bus(() => closes as never)
    await expect(dispatcher.connect(onMany as never)).rejects.toMatchObject({ code: 'malformed', ran: 'no' })
    await expect(dispatcher.connect({ open: () => closes as never })).rejects.toMatchObject({ code: 'malformed' })
    expect(closed).toBe(1)
    for (const made of [undefined, null, {}, 'port', Promise.resolve()]) {
      const open = (): never => made as never
      await expect(dispatcher.connect({ open })).rejects.toMatchObject({ code: 'malformed', ran: 'no' })
      await expect(dispatcher.listen(listener(open))).rejects.toMatchObject({ code: 'malformed', ran: 'no' })
    }
  })

  test('ends listen with handshake-timeout, and is closed if it opens later', async () => {
    const env = virtualClock()
    await using dispatcher = new Dispatcher({ env, limits: { trusted: { handshake: 1_000 } } })
    let opened!: (listening: { close(): Promise<void> }) => void
    const listening = outcome(dispatcher.listen(listener(() => new Promise((resolve) => (opened = resolve)))))
    await env.advance(1_000)
    expect(await listening).toMatchObject({ code: 'handshake-timeout', ran: 'no' })
    const closed = new Promise<void>((resolve) => opened({ close: async () => resolve() }))
    await closed
  })

  test('that does not close is given up by close after 5 s, and its peers are closed', async () => {
    const env = virtualClock()
    const dispatcher = new Dispatcher({ env })
    const [near, far] = pair()
    const endless = listener(async (accept) => {
      accept(near)
      return { close: () => new Promise(() => {}) }
    })
    await dispatcher.listen(endless)
    await using client = new Dispatcher({ env })
    const peer = await client.connect({ open: () => far })
    let isClosed = false
    void dispatcher.close().then(() => (isClosed = true))
    await env.advance(4_999)
    expect(isClosed).toBe(false)
    await env.advance(1)
    expect(isClosed).toBe(true)
    expect(await peer.closed).toMatchObject({ code: 'stopped' })
  })

  test('has no class: spawn of a peer says that it takes a key', async () => {
    const { dispatcher, peer } = await connected()
    const error = await outcome(peer.spawn(Counter as never, {} as never))
    expect(error).toMatchObject({ code: 'malformed', ran: 'no' })
    expect(error.message).toContain("takes a key of its actors, such as 'Counter'")
    await dispatcher.close()
  })
})

test('a realm of which nothing is heard for 3 s is named in the log, and is not if it is only slow to let us in', async () => {
  const env = virtualClock()
  const lines: string[] = []
  await using dispatcher = new Dispatcher({ env, log: ({ text }) => void lines.push(text) })
  const [silent] = pair()
  const connecting = outcome(dispatcher.connect({ file: './counter.worker.js', open: () => silent }))
  const [near, far] = pair()
  await using host = new Dispatcher({ env })
  const authorize = (): Promise<boolean> => new Promise((resolve) => env.setTimer(() => resolve(true), 4_000))
  await host.listen(single(far), { authorize })
  const slow = dispatcher.connect({ file: './slow.worker.js', open: () => near })
  await env.advance(2_999)
  expect(lines).toEqual([])
  await env.advance(2_000)
  expect(lines).toEqual(['[troupe] ./counter.worker.js does not answer'])
  await slow
  await env.advance(30_000)
  expect(await connecting).toMatchObject({ code: 'handshake-timeout' })
  expect(lines).toHaveLength(1)
})
