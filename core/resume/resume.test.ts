import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Actor, type ActorError, ask, Dispatcher, type Listened, type Peer, type Proxy, tell } from '../index.js'
import { RawPeer } from '../testing/raw-peer.js'
import type { Transport } from '../transport/transport.js'
import { Network } from '../testing/network/network.js'
import { virtualClock, type VirtualClock } from '../testing/virtual-clock.js'
import type { LinkOffer } from '../peers/link-offer.js'

/** What ran at the server, in order. */
let log: unknown[] = []

/** The rooms that were made. */
let rooms: Room[] = []

class Room extends Actor {
  #wake = (): void => {}
  readonly #wakes: (() => void)[] = []
  override onStart(): void {
    rooms.push(this)
  }
  say(text: unknown): number {
    return log.push(text)
  }
  async slow(text: string): Promise<string> {
    log.push(text)
    await new Promise<void>((resolve) => (this.#wake = resolve))
    return text
  }
  wake(): void {
    this.#wake()
  }
  async *count(to: number): AsyncGenerator<number> {
    for (let n = 1; n <= to; n++) yield n
  }
  async each(to: number, take: (n: number) => Promise<number>): Promise<number[]> {
    const taken: number[] = []
    for (let n = 1; n <= to; n++) taken.push(await take(n))
    return taken
  }
  async big(): Promise<string> {
    await new Promise<void>((resolve) => this.#wakes.push(resolve))
    return 'x'.repeat(1_000_000)
  }
  wakeAll(): void {
    for (const wake of this.#wakes.splice(0)) wake()
  }
  who(): unknown {
    return this.context.caller?.user
  }
}
class Waiting extends Room {
  static readonly concurrency = Infinity
}
const actors = { Room, Waiting }

let env: VirtualClock
let network: Network
let server: Dispatcher
let listened: Listened
let client: Dispatcher
let states: [state: string, attempt: number | undefined, code: string | undefined, resumed: boolean | undefined][]
const quiet = { log: () => {} }

const serve = async (offer: LinkOffer = {}, id = 'server'): Promise<void> => {
  server = new Dispatcher({ ...quiet, env, id })
  listened = await server.listen(network.listener, { actors, ...offer })
}

beforeEach(async () => {
  log = []
  rooms = []
  states = []
  env = virtualClock()
  network = new Network({ env })
  client = new Dispatcher({ ...quiet, env, id: 'client' })
  await serve()
})
afterEach(async () => {
  const closed = Promise.all([client.close(), server.close({ mode: 'kill' })])
  await env.advance(10_000)
  await closed
  if (env.timers > 0) throw new Error(`${env.timers} timers are left`)
})

/** What it resolves to, once as much time has passed as that takes. */
async function soon<T>(promise: PromiseLike<T>, ms = 2_000): Promise<T> {
  const settled = Promise.resolve(promise)
  settled.catch(() => {})
  await env.advance(ms)
  return settled
}

async function connect(given?: Parameters<Network['connector']>[0]): Promise<Peer<typeof actors>> {
  const peer = await soon(client.connect<typeof actors>(network.connector(given)), 10)
  peer.on('state', (state, { attempt, reason, resumed }) => states.push([state, attempt, reason?.code, resumed]))
  return peer
}

const codeOf = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    () => 'done',
    ({ code, ran }: ActorError) => [code, ran],
  )

const texts = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n + 1}`)

describe('a connection that breaks', () => {
  test('is replaced: calls, streams and callbacks go on', async () => {
    const peer = await connect()
    const room = await soon(peer.spawn('Waiting'), 10)
    const slow = room.slow('slow')
    const taken: number[] = []
    const each = room.each(20, async (n) => taken.push(n))
    const counted: number[] = []
    const counting = (async () => {
      for await (const n of room.count(100)) counted.push(n)
    })()
    for (let cuts = 0; cuts < 5; cuts++) {
      await env.advance(7)
      network.cut()
      await env.advance(100)
    }
    tell(room).wake()
    expect(await soon(slow)).toBe('slow')
    expect(await soon(each)).toHaveLength(20)
    await soon(counting)
    expect(taken).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
    expect(counted).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
    expect(log).toEqual(['slow'])
    expect(peer.state).toBe('open')
    expect(network.connections.length).toBeGreaterThan(5)
  })

  test.each(Array.from({ length: 40 }, (_, n) => n + 1))(
    'after %i payloads loses nothing, doubles nothing and keeps the order',
    async (count) => {
      const peer = await connect()
      const room = await soon(peer.spawn('Room'), 10)
      let left = count
      network.onPayload = () => {
        if (--left === 0) network.cut()
      }
      const results: Promise<number>[] = []
      for (const text of texts(30)) {
        tell(room).say(`told ${text}`)
        results.push(room.say(text))
        await env.advance(1)
      }
      expect(await soon(Promise.all(results))).toEqual(texts(30).map((text) => 2 * Number(text)))
      expect(log).toEqual(texts(30).flatMap((text) => [`told ${text}`, text]))
    },
  )

  test('is forgotten: what comes later goes on for as long as it would have, and nothing is kept', async () => {
    const peer = await connect()
    const room = await soon(peer.spawn('Room'), 10)
    for (let cuts = 1; cuts <= 3; cuts++) {
      for (const text of texts(100)) await soon(room.say(text), 5)
      network.cut()
      await env.advance(200)
    }
    const counted: number[] = []
    const counting = (async () => {
      for await (const n of room.count(400)) counted.push(n)
    })()
    await env.advance(5_000)
    await counting
    expect(counted).toHaveLength(400)
    expect(await soon(room.say('last'), 5)).toBe(301)
    expect(states.every(([, , code]) => code !== 'protocol')).toBe(true)
    expect(network.connections).toHaveLength(4)
  })

  test('lets calls wait, says so, and tries again after 50 ms to 2 s', async () => {
    const peer = await connect()
    const room = await soon(peer.spawn('Room'), 10)
    network.down()
    await env.advance(1)
    expect(peer.state).toBe('reconnecting')
    const calls = Promise.all([room.say('a'), room.say('b')])
    await env.advance(20_000)
    expect(log).toEqual([])
    const attempts = states.length
    expect(states.slice(0, 2)).toEqual([
      ['reconnecting', 1, 'unreachable', undefined],
      ['reconnecting', 2, 'unreachable', undefined],
    ])
    expect(attempts).toBeGreaterThan(10)
    expect(attempts).toBeLessThan(30)
    network.up()
    expect(await soon(calls)).toEqual([1, 2])
    expect(states.at(-1)).toEqual(['open', undefined, undefined, true])
  })

  test('and stays away longer than limits.resume settles what is in flight as unknown, and what was not sent as unreachable', async () => {
    const peer = await connect()
    const room = await soon(peer.spawn('Waiting'), 10)
    const flying = codeOf(ask(room, { timeout: 100_000 }).slow('slow'))
    await env.advance(5)
    network.down()
    await env.advance(1)
    const waiting = codeOf(ask(room, { timeout: 100_000 }).say('late'))
    await env.advance(70_000)
    expect(await flying).toEqual(['unknown', 'maybe'])
    expect(await waiting).toEqual(['unreachable', 'no'])
    expect(server.peers).toEqual([])
    expect(peer.state).toBe('reconnecting')
    network.up()
    // What was spawned is spawned again.
    expect(await soon(room.say('again'), 5_000)).toBe(2)
    expect(log).toEqual(['slow', 'again'])
    expect(peer.state).toBe('open')
  })

  test('without a word is noticed by the heartbeat, and replaced', async () => {
    const peer = await connect()
    const room = await soon(peer.spawn('Room'), 10)
    for (const connection of network.connections) connection.freeze()
    const call = ask(room, { timeout: 100_000 }).say('a')
    expect(await soon(call, 40_000)).toBe(1)
    expect(log).toEqual(['a'])
    expect(network.connections).toHaveLength(2)
  })

  test('is tried again at once when there is reason to', async () => {
    let wake = (): void => {}
    const peer = await connect({
      presence: (listener) => {
        wake = listener
        return () => (wake = () => {})
      },
    })
    const room = await soon(peer.spawn('Room'), 10)
    network.down()
    await env.advance(30_000)
    network.up()
    wake()
    expect(await soon(room.say('a'), 20)).toBe(1)
    // One that ended unnoticed is noticed sooner.
    network.connections.at(-1)!.freeze()
    wake()
    const call = room.say('b')
    expect(await soon(call, 16_000)).toBe(2)
  })

  test('is not waited for when the page was closed: the server is told at once', async () => {
    let left = (): void => {}
    const peer = await connect({
      presence: (_back, listener) => {
        left = listener
        return () => {}
      },
    })
    const room = await soon(peer.spawn('Waiting'), 10)
    const call = codeOf(room.slow('slow'))
    await env.advance(5)
    left()
    expect((await soon(peer.closed, 10)).code).toBe('stopped')
    expect(await soon(call, 10)).toEqual(['unknown', 'maybe'])
    expect(server.peers).toEqual([])
    await env.advance(10_000)
    expect(network.connections).toHaveLength(1)
  })
})

describe('a server that was started again', () => {
  test('settles what was in flight as unknown, and is linked with anew', async () => {
    const peer = await connect()
    const room = await soon(peer.spawn('Waiting'), 10)
    const flying = codeOf(room.slow('slow'))
    await env.advance(5)
    network.down()
    const before = server
    await serve({}, 'another')
    network.up()
    await env.advance(3_000)
    expect(await flying).toEqual(['unknown', 'maybe'])
    expect(await soon(room.say('new'))).toBe(2)
    expect(peer.id).toBe('another')
    expect(states.at(-1)).toEqual(['open', undefined, undefined, false])
    await before.close({ mode: 'kill' })
  })

  test('is looked for as often as its connector says, where only the delays are given', async () => {
    const connector = { ...network.connector(), restart: { max: Infinity, within: 60_000, longest: 2_000 } }
    const peer = await soon(client.connect<typeof actors>(connector, { restart: { backoff: 500 } }), 10)
    await soon(server.close(), 10)
    await env.advance(600_000)
    expect(peer.state).toBe('reconnecting')
    await serve()
    await env.advance(5_000)
    expect(peer.state).toBe('open')
  })

  test('and closed in order is linked with anew as well', async () => {
    const peer = await connect()
    const room = await soon(peer.spawn('Room'), 10)
    await soon(server.close(), 10)
    await serve()
    expect(await soon(room.say('new'), 5_000)).toBe(1)
    expect(peer.state).toBe('open')
  })

  test.each([60_000, 0])(
    'is waited for until the deadlines of calls and requests, with limits.resume of %i',
    async (resume) => {
      await client.close()
      client = new Dispatcher({ ...quiet, env, limits: { resume, deadline: 3_000 } })
      const peer = await connect()
      const room = await soon(peer.spawn('Room'), 10)
      network.down()
      await env.advance(100)
      const waiting = [room.say('a'), peer.spawn('Room'), peer.lookup('room'), peer.names(), peer.run('none')]
      const codes = Promise.all(waiting.map(codeOf))
      await env.advance(3_500)
      expect(await codes).toEqual(waiting.map(() => ['timeout', 'no']))
      network.up()
      await env.advance(3_000)
      expect(await soon(room.say('b'), 10)).toBe(1)
    },
  )

  test('finds names anew', async () => {
    await server.spawn(Room, { name: 'room' })
    const peer = await connect()
    const room = (await soon(peer.lookup<Room>('room'), 10)) as Proxy<Room>
    expect(await soon(room.say('a'), 10)).toBe(1)
    network.down()
    const before = server
    await serve()
    await server.spawn(Room, { name: 'room' })
    network.up()
    await env.advance(3_000)
    expect(await soon(room.say('b'), 10)).toBe(2)
    await before.close({ mode: 'kill' })
  })
})

describe('who connects again', () => {
  test('tries again where authorize threw, and not where it refused', async () => {
    await soon(server.close({ mode: 'kill' }))
    let verdict: () => boolean = () => true
    await serve({ authorize: () => verdict() })
    const peer = await connect()
    const room = await soon(peer.spawn('Room'), 10)
    let asked = 0
    verdict = () => {
      if (++asked < 3) throw new Error('the database is away')
      return true
    }
    network.cut()
    expect(await soon(room.say('a'), 5_000)).toBe(1)
    expect(asked).toBe(3)
    verdict = () => false
    network.cut()
    expect((await soon(peer.closed, 5_000)).code).toBe('unauthorized')
  })

  test('is asked for a token each time, and authorized each time', async () => {
    const tokens = ['one', 'two', 'three']
    await soon(listened.close(), 10)
    await server.close()
    await serve({ authorize: ({ token }) => token !== 'three' && { user: token } })
    const peer = await connect({ token: async () => tokens.shift() })
    const room = await soon(peer.spawn('Waiting'), 10)
    expect(await soon(room.who(), 10)).toBe('one')
    network.cut()
    await env.advance(200)
    expect(await soon(room.who(), 10)).toBe('two')
    const flying = codeOf(room.slow('slow'))
    await env.advance(5)
    network.cut()
    expect((await soon(peer.closed)).code).toBe('unauthorized')
    expect(await flying).toEqual(['unknown', 'maybe'])
    expect(peer.state).toBe('closed')
    expect(states.at(-1)).toEqual(['closed', undefined, 'unauthorized', undefined])
  })

  test('tries again while no token is to be had', async () => {
    let isOnline = true
    const token = (): string => {
      if (isOnline) return 'token'
      throw new TypeError('fetch failed')
    }
    const peer = await connect({ token })
    const room = await soon(peer.spawn('Room'), 10)
    isOnline = false
    network.cut()
    await env.advance(10_000)
    expect(peer.state).toBe('reconnecting')
    isOnline = true
    expect(await soon(room.say('a'), 3_000)).toBe(1)
  })

  test.each([60_000, 0])('is tried no more once a server refuses, with limits.resume of %i', async (resume) => {
    await client.close()
    client = new Dispatcher({ ...quiet, env, limits: { resume } })
    const peer = await connect({ token: 'old' })
    network.down()
    const before = server
    await serve({ authorize: ({ token }) => token === 'new' })
    network.up()
    const { length } = network.connections
    expect((await soon(peer.closed, 5_000)).code).toBe('unauthorized')
    expect(network.connections).toHaveLength(length + 1)
    await before.close({ mode: 'kill' })
  })

  test('is given up in time, also where an attempt takes longer', async () => {
    let isSlow = false
    const token = (): Promise<string> | string => (isSlow ? new Promise<never>(() => {}) : 'token')
    await client.close()
    client = new Dispatcher({ ...quiet, env, limits: { resume: 2_000 } })
    const peer = await connect({ token })
    const room = await soon(peer.spawn('Waiting'), 10)
    const flying = codeOf(room.slow('slow'))
    await env.advance(5)
    isSlow = true
    network.cut()
    await env.advance(2_100)
    expect(await flying).toEqual(['unknown', 'maybe'])
    const another = codeOf(client.connect(network.connector({ token })))
    await env.advance(31_000)
    expect(await another).toEqual(['handshake-timeout', 'no'])
  })

  test.each(['client', 'server'] as const)(
    'goes on with the link, though the last word of an attempt did not reach the %s in time',
    async (deaf) => {
      const peer = await connect()
      const room = await soon(peer.spawn('Waiting'), 10)
      const slow = room.slow('slow')
      await env.advance(10)
      network.cut()
      // What is to be sent as soon as there is a connection.
      for (const actor of rooms) actor.wake()
      while (network.connections.length < 2) await env.advance(1)
      const attempt = network.connections[1]!
      const { [deaf]: end } = attempt
      const take = end.take.bind(end)
      let heard = 0
      // It has both hellos, and never the welcome.
      end.take = (data) => {
        if (++heard <= 2) take(data)
      }
      await env.advance(40_000)
      expect(network.connections.length).toBeGreaterThan(2)
      expect(await soon(slow, 10)).toBe('slow')
      expect(await soon(room.say('again'), 10)).toBe(2)
      expect(states.map(([state]) => state)).not.toContain('closed')
      expect(log).toEqual(['slow', 'again'])
    },
  )

  test('tells once that it is closed', async () => {
    await client.close()
    client = new Dispatcher({ ...quiet, env, limits: { resume: 0 } })
    const peer = await connect()
    network.down()
    await env.advance(300)
    await soon(peer.close(), 3_000)
    expect(states.filter(([state]) => state === 'closed')).toHaveLength(1)
  })

  test('takes over from a connection that the server takes for alive, and its end touches nothing', async () => {
    const peer = await connect()
    const room = await soon(peer.spawn('Room'), 10)
    const [first] = network.connections
    // The client notices, the server does not.
    first!.freeze()
    first!.client.close()
    await env.advance(200)
    expect(await soon(room.say('a'), 10)).toBe(1)
    first!.cut()
    expect(await soon(room.say('b'), 10)).toBe(2)
    expect(network.connections).toHaveLength(2)
    expect(server.peers).toHaveLength(1)
  })

  test.each(['client', 'server'] as const)(
    'goes on after an attempt whose last word never came to the %s',
    async (side) => {
      const peer = await connect()
      const room = await soon(peer.spawn('Room'), 10)
      expect(await soon(room.say('a'), 10)).toBe(1)
      network.cut()
      let came = 0
      network.onPayload = (toServer) => {
        // Both have heard each other's second hello, and say that they agree.
        if (network.connections.length === 2 && toServer === (side === 'server') && ++came === 2)
          network.connections[1]!.freeze(side)
      }
      const call = ask(room, { timeout: 100_000 }).say('b')
      expect(await soon(call, 60_000)).toBe(2)
      expect(states.every(([, , code]) => code !== 'protocol')).toBe(true)
      expect(network.connections.length).toBeGreaterThan(2)
    },
  )

  test('closes what it has while there is no connection', async () => {
    const peer = await connect()
    const room = await soon(peer.spawn('Room'), 10)
    network.down()
    await env.advance(1)
    const call = codeOf(room.say('a'))
    await soon(peer.close(), 10)
    expect(await call).toEqual(['unreachable', 'no'])
    expect(peer.state).toBe('closed')
    network.up()
    await env.advance(70_000)
    expect(server.peers).toEqual([])
  })

  test('is given up where limits.resume is 0', async () => {
    await client.close()
    client = new Dispatcher({ ...quiet, env, limits: { resume: 0 } })
    const peer = await connect()
    const room = await soon(peer.spawn('Waiting'), 10)
    const flying = codeOf(room.slow('slow'))
    await env.advance(5)
    network.cut()
    await env.advance(1)
    expect(await flying).toEqual(['unknown', 'maybe'])
    expect(await soon(room.say('again'))).toBe(2)
  })
})

describe('a server', () => {
  const raw = async (id: string, hello: Record<string, unknown> = {}): Promise<RawPeer> => {
    const peer = new RawPeer((await soon(network.connector().open(0) as Promise<Transport>, 1)) as Transport, id)
    const shaken = peer.shakeHands({ features: ['resume'], ...hello })
    shaken.catch(() => {})
    await env.advance(10)
    return peer
  }

  test('ends the link of a peer that says that it has what was never sent', async () => {
    const peer = await raw('raw')
    expect(server.peers).toHaveLength(1)
    peer.sendRaw('999')
    await env.advance(10)
    expect(server.peers).toEqual([])
  })

  test('knows no session that it has not, and none of another peer', async () => {
    const owner = await raw('owner')
    const session = { session: 'raw', received: 0 }
    expect(await (await raw('owner', { resume: { ...session, session: 'none' } })).closed).toMatchObject({
      code: 'expired',
    })
    expect(await (await raw('thief', { resume: session })).closed).toMatchObject({ code: 'expired' })
    const { index } = await soon(owner.spawn('Room'), 10)
    owner.call(1, { index }, 'say', 'still there')
    await env.advance(10)
    expect(log).toEqual(['still there'])
  })

  test.each([[-1], [0.5], ['1'], [Number.NaN]])('takes no count of payloads such as %o', async (received) => {
    await raw('raw')
    const again = await raw('raw', { resume: { session: 'raw', received } })
    expect(await again.closed).toMatchObject({ code: 'protocol' })
    expect(server.peers.map(({ state }) => state)).toEqual(['open'])
  })

  test('ends the link of a peer that goes on with more than was sent', async () => {
    await raw('raw')
    await raw('raw', { resume: { session: 'raw', received: 1_000 } })
    expect(server.peers).toEqual([])
  })

  test('keeps 8 MiB for a peer without a connection, and no more', async () => {
    const peer = await connect()
    const room = await soon(peer.spawn('Waiting'), 10)
    const calls = Array.from({ length: 9 }, () => codeOf(room.big()))
    await env.advance(10)
    network.down()
    await env.advance(10)
    const [there] = server.peers
    expect(there!.state).toBe('reconnecting')
    for (const actor of rooms) actor.wakeAll()
    await env.advance(10)
    expect(server.peers).toEqual([])
    network.up()
    await env.advance(5_000)
    expect(new Set((await Promise.all(calls)).map(String))).toEqual(new Set(['unknown,maybe']))
  })

  test('keeps 64 MiB for all peers without a connection, and gives up the oldest', async () => {
    const clients = Array.from({ length: 9 }, (_, n) => new Dispatcher({ ...quiet, env, id: `client ${n}` }))
    const calls: Promise<unknown>[] = []
    for (const each of clients) {
      const peer = await soon(each.connect<typeof actors>(network.connector()), 10)
      const room = await soon(peer.spawn('Waiting'), 10)
      for (let n = 0; n < 8; n++) calls.push(codeOf(room.big()))
      await env.advance(10)
    }
    network.down()
    await env.advance(10)
    for (const room of rooms) room.wakeAll()
    await env.advance(10)
    expect(server.peers.map(({ id }) => id)).toEqual(clients.slice(1).map(({ id }) => id))
    network.up()
    await env.advance(5_000)
    const outcomes = await Promise.all(calls)
    expect(outcomes).toEqual(calls.map((_, n) => (n < 8 ? ['unknown', 'maybe'] : 'done')))
    const closed = Promise.all(clients.map((each) => each.close()))
    await env.advance(1_000)
    await closed
  })

  test('keeps the links of 1,000 peers without a connection, and gives up the oldest', async () => {
    const opened = Array.from({ length: 1_001 }, () => network.connector().open(0))
    await env.advance(1)
    for (const [n, transport] of (await Promise.all(opened)).entries())
      void new RawPeer(transport, `raw ${n}`).shakeHands({ features: ['resume'], nonce: `nonce ${n}` })
    await env.advance(10)
    expect(server.peers).toHaveLength(1_001)
    network.cut()
    await env.advance(10)
    expect(server.peers).toHaveLength(1_000)
    expect(server.peers[0]!.id).toBe('raw 1')
  })
})
