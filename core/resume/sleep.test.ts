import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Actor, type ActorError, ask, Dispatcher, type Peer, type Proxy } from '../index.js'
import { Network } from '../testing/network/network.js'
import { Sleeper } from '../testing/sleeper.js'
import { virtualClock, type VirtualClock } from '../testing/virtual-clock.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const quiet = { log: () => {} }

class Room extends Actor {
  static readonly concurrency = Infinity
  #wake = (): void => {}
  #said = 0
  say(): number {
    return ++this.#said
  }
  async wait(): Promise<string> {
    await new Promise<void>((resolve) => (this.#wake = resolve))
    return 'waited'
  }
  wake(): void {
    this.#wake()
  }
}
const actors = { Room }

let clock: VirtualClock
let network: Network
let server: Dispatcher
let client: Dispatcher
let peer: Peer<typeof actors>
let room: Proxy<Room>
let sleepers: { client: Sleeper; server: Sleeper }
/** What a page tells when it is looked at again. */
let seen: () => void

async function soon<T>(promise: PromiseLike<T>, ms: number): Promise<T> {
  const settled = Promise.resolve(promise)
  settled.catch(() => {})
  await clock.advance(ms)
  return settled
}

async function open(standsStill: boolean): Promise<void> {
  sleepers = { client: new Sleeper(clock, standsStill), server: new Sleeper(clock, standsStill) }
  server = new Dispatcher({ ...quiet, env: sleepers.server, id: 'server' })
  client = new Dispatcher({ ...quiet, env: sleepers.client, id: 'client' })
  await server.listen(network.listener, { actors })
  const presence = (listener: () => void): (() => void) => {
    seen = listener
    return () => {}
  }
  peer = await soon(client.connect<typeof actors>(network.connector({ presence })), 10)
  room = await soon(peer.spawn('Room'), 10)
  expect(await soon(room.say(), 10)).toBe(1)
}

const outcomeOf = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).catch(({ code, ran }: ActorError) => [code, ran])

/** Nothing that is sent arrives. Those who wake find the connection ended, or only silent. */
async function sleep(who: readonly ('client' | 'server')[], ms: number, isCut: boolean): Promise<void> {
  const before = [...network.connections]
  for (const connection of before) connection.freeze()
  for (const each of who) sleepers[each].sleep()
  await clock.advance(ms)
  for (const each of who) sleepers[each].wake()
  if (isCut) for (const connection of before) connection.cut()
}

beforeEach(() => {
  clock = virtualClock()
  network = new Network({ env: clock })
  seen = () => {}
})
afterEach(async () => {
  const closed = Promise.all([client.close({ mode: 'kill' }), server.close({ mode: 'kill' })])
  await clock.advance(HOUR)
  await closed
  if (clock.timers > 0) throw new Error(`${clock.timers} timers are left`)
})

/** With a link that is not known any more, what was sent may have run, and the rest has not. */
const LOST = [
  ['unknown', 'maybe'],
  ['unreachable', 'no'],
]
const WHO: ['client' | 'server', ...('client' | 'server')[]][] = [['client'], ['server'], ['client', 'server']]
const CASES = WHO.flatMap((who) =>
  [false, true].flatMap((standsStill) =>
    [false, true].map((isCut) => [who.join(' and '), standsStill, isCut, who] as const),
  ),
)

describe('a machine that slept', () => {
  test.each(CASES)(
    'for an hour is linked with again: the %s, whose clock stands still: %s, whose connection was ended: %s',
    async (_, standsStill, isCut, who) => {
      await open(standsStill)
      const waiting = outcomeOf(ask(room, { timeout: 2 * HOUR }).wait())
      await clock.advance(10)
      await sleep(who, HOUR, isCut)
      // The first call meets what was before: it settles with it, or is answered.
      const first = outcomeOf(ask(room, { timeout: 10 * MINUTE }).say())
      await clock.advance(2 * MINUTE)
      expect([1, 2, ...LOST]).toContainEqual(await first)
      expect(peer.state).toBe('open')
      expect(await soon(room.say(), 10)).toBeGreaterThan(0)
      await soon(room.wake(), 10)
      expect(['waited', ...LOST]).toContainEqual(await waiting)
      expect(server.peers).toHaveLength(1)
      expect(client.peers).toHaveLength(1)
    },
  )

  test.each(CASES)(
    'for 40 s goes on where it was: the %s, whose clock stands still: %s, whose connection was ended: %s',
    async (_, standsStill, isCut, who) => {
      await open(standsStill)
      const waiting = outcomeOf(ask(room, { timeout: 10 * MINUTE }).wait())
      await clock.advance(10)
      await sleep(who, 40_000, isCut)
      expect(await soon(ask(room, { timeout: MINUTE }).say(), MINUTE)).toBe(2)
      await soon(room.wake(), 10)
      expect(await waiting).toBe('waited')
      expect(peer.state).toBe('open')
    },
  )

  test('is served at once when the page is looked at again, though its clock stood still', async () => {
    await open(true)
    await sleep(['client'], HOUR, false)
    seen()
    // The connection is silent: it is asked, and given up after the grace.
    await clock.advance(17_000)
    expect(await soon(room.say(), 10)).toBe(1)
    expect(peer.state).toBe('open')
  })
})
