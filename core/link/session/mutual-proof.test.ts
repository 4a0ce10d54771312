import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ActorError, type Claims, Dispatcher, type Grant, type LinkOffer, type Peer } from '../../index.js'
import { hostOn } from '../../host.js'
import { type Change, Middle } from '../../testing/middle.js'
import { Connection } from '../../testing/network/connection.js'
import { Network } from '../../testing/network/network.js'
import { probes } from '../../testing/probe.js'
import { RawPeer } from '../../testing/raw-peer.js'
import { virtualClock, type VirtualClock } from '../../testing/virtual-clock.js'
import { listener, single } from '../../serving/listening.js'
import { bus } from '../../serving/joining.js'
import { Channel } from '../../transport/channel.js'
import { pair } from '../../transport/pair.js'
import type { Connector, Transport } from '../../transport/transport.js'
import { bytes } from '../../wire/bytes.js'
import { keyOf, type Secret } from './mutual-proof.js'
import { Op } from './op.js'

/** A proof that shows what it was made of. */
const secretOf = (name: string): Secret => ({
  sign: async (text) => `${name} ${text}`,
  verify: async (text, proof) => proof === `${name} ${text}`,
})
const stepOf = (text: string): unknown => (JSON.parse(text) as unknown[])[1]
const key = keyOf(secretOf('key'))
const other = keyOf(secretOf('other'))
const untrusted = { codec: bytes, payload: 'bytes', trusted: false } as const

let env: VirtualClock
let client: Dispatcher
let server: Dispatcher
/** What the server refused. */
let refused: ActorError[]

beforeEach(() => {
  env = virtualClock()
  refused = []
  client = new Dispatcher({ env, id: 'client', log: () => {} })
  server = new Dispatcher({ env, id: 'server', log: ({ error }) => refused.push(error as ActorError) })
})
afterEach(async () => {
  const closed = Promise.all([client.close(), server.close()])
  await env.advance(10_000)
  await closed
  nothingIsLeft()
})

function nothingIsLeft(): void {
  expect([client.info().peers, server.info().peers]).toEqual([[], []])
  expect(env.timers).toBe(0)
}

/** The outcome of a promise, once the time has passed in which it must settle. */
async function settled<T>(promise: Promise<T>, ms = 1_000): Promise<T | ActorError> {
  const outcome = promise.catch((error: unknown) => error as ActorError)
  await env.advance(ms)
  return outcome
}

/** Connects the two, with an attacker between if `change` is given. */
async function meet(ours: LinkOffer, theirs: LinkOffer, change?: Change, token?: string) {
  const [near, far] = pair(untrusted)
  Object.assign(far, { facts: { loopback: false } })
  let middle: Middle | undefined
  let connector: Connector = near
  if (change) {
    const [inner, outer] = pair(untrusted)
    middle = new Middle(outer, near, change)
    connector = inner
  }
  await server.listen(single(far), { actors: probes, ...theirs })
  const connecting = client.connect({ ...(token !== undefined && { token }), open: () => connector.open(0) }, ours)
  return { outcome: await settled(connecting, 40_000), middle }
}

const asIs: Change = (hello) => hello
const isLinked = (outcome: Peer | ActorError): boolean => !(outcome instanceof ActorError)

describe('a shared key', () => {
  test('that both sides have lets a peer in from anywhere', async () => {
    const { outcome } = await meet({ key }, { key })
    expect(outcome).toMatchObject({ id: 'server', actors: Object.keys(probes) })
    const spawning = (outcome as Peer<typeof probes>).spawn('Probe')
    await env.advance(10)
    expect(await settled((await spawning).add(1, 2))).toBe(3)
  })

  test('works between sides that trust each other, and by host', async () => {
    const [near, far] = pair()
    hostOn(single(far), probes, { dispatcher: server, key })
    expect(await settled(client.connect(near, { key }))).toMatchObject({ id: 'server', actors: Object.keys(probes) })
  })

  test.each([
    ['another one here', { key: other }, { key }, 'the peer closed the link: the proof of the shared key is wrong'],
    ['none here', {}, { key }, 'the peer closed the link: no proof of the shared key came'],
    ['none there', { key }, {}, 'no proof of the shared key came'],
    ['none there, where all are let in', { key }, { authorize: () => true }, 'no proof of the shared key came'],
  ])('refuses where there is %s, and says so on both sides', async (_, ours, theirs, text) => {
    const { outcome } = await meet(ours, theirs)
    expect(outcome).toMatchObject({ code: 'unauthorized', message: expect.stringContaining(text) })
    expect(refused).toMatchObject([{ code: 'unauthorized' }])
    expect(refused[0]!.message).toMatch(/of the shared key|neither authorize nor key/)
  })

  test('goes with the token and the version, and authorize is asked behind it', async () => {
    const seen: Claims[] = []
    const authorize = (claims: Claims): Grant => {
      seen.push(claims)
      return { user: 'ada' }
    }
    const { outcome } = await meet({ key, version: '2' }, { key, version: '2', authorize }, undefined, 'secret')
    expect(isLinked(outcome)).toBe(true)
    expect(seen).toMatchObject([{ token: 'secret', key: true }])
    await (outcome as Peer).close()
    await meet({ key: other }, { key, authorize }, undefined, 'secret')
    expect(seen).toHaveLength(1)
  })

  test('is false in the claims where the listener has none', async () => {
    const seen: Claims[] = []
    await meet({}, { authorize: (claims) => seen.push(claims) > 0 })
    expect(seen).toMatchObject([{ key: false }])
  })

  test('does not let in a peer that authorize refuses, nor another version', async () => {
    expect((await meet({ key }, { key, authorize: () => false })).outcome).toMatchObject({ code: 'unauthorized' })
    expect((await meet({ key, version: '1' }, { key, version: '2' })).outcome).toMatchObject({ code: 'version' })
  })

  test('can be replaced: a listener accepts the old one and the new one', async () => {
    const both = keyOf(secretOf('new'), secretOf('key'))
    expect(isLinked((await meet({ key }, { key: both })).outcome)).toBe(true)
    expect(isLinked((await meet({ key: keyOf(secretOf('new')) }, { key: both })).outcome)).toBe(true)
    expect((await meet({ key: other }, { key: both })).outcome).toMatchObject({ code: 'unauthorized' })
    // The side that connects goes by its first.
    expect(isLinked((await meet({ key: both }, { key: keyOf(secretOf('new')) })).outcome)).toBe(true)
    expect((await meet({ key: both }, { key })).outcome).toMatchObject({ code: 'unauthorized' })
  })

  test.each([['a text of sixteen bytes'], [null], [{}], [[key]]])(
    'must be made by sharedKey: not %o',
    async (given) => {
      const [near] = pair()
      expect(await settled(client.connect(near, { key: given as never }))).toMatchObject({ code: 'malformed' })
    },
  )
})

test('what a port still carries of an earlier link does not disturb the proofs', async () => {
  const [near, far] = pair()
  const connecting = settled(client.connect(near, { key }))
  const raw = new RawPeer(far, 'raw')
  const { nonce } = (await raw.next(Op.Hello)).value as { nonce: string }
  raw.hello({ id: 'other', nonce: 'earlier', answer: 'earlier too', proof: 'of then' })
  raw.send(Op.Welcome, { actors: ['Earlier'] })
  raw.send(Op.Close, { code: 'stopped', text: 'the earlier link was closed', to: 'earlier too' })
  raw.hello()
  const answers = [(await raw.next(Op.Hello)).value, (await raw.next(Op.Hello)).value]
  expect(answers).toMatchObject([{ answer: 'earlier' }, { answer: 'raw' }])
  const text = JSON.stringify(['troupe shared key', 2, 1, 'raw', 'raw', 'client', nonce, null, null, null, null])
  raw.hello({ answer: nonce, proof: await secretOf('key').sign(text) })
  await raw.next(Op.Hello)
  await raw.next(Op.Welcome)
  raw.send(Op.Welcome, { actors: ['Actor'] })
  expect(await connecting).toMatchObject({ id: 'raw', actors: ['Actor'] })
})

describe('of its secrets', () => {
  test('a listener tells nothing to a stranger, and refuses it at once', async () => {
    const [near, far] = pair(untrusted)
    await server.listen(single(far), { actors: probes, key, version: '2' })
    const raw = new RawPeer(near)
    const { nonce } = (await raw.next(Op.Hello)).value as { nonce: string }
    raw.hello()
    expect((await raw.next(Op.Hello)).value).not.toMatchObject({ proof: expect.anything() })
    raw.hello({ answer: nonce, proof: 'a guess' })
    expect(await raw.closed).toMatchObject({ code: 'unauthorized' })
    await expect(raw.next(Op.Hello)).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(raw.next(Op.Welcome)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  test('a server that does not prove itself is told no token', async () => {
    const [near, far] = pair(untrusted)
    const connecting = settled(client.connect({ token: 'secret', open: () => near }, { key, version: '2' }), 40_000)
    const raw = new RawPeer(far)
    const { nonce } = (await raw.next(Op.Hello)).value as { nonce: string }
    raw.hello()
    const { value } = await raw.next(Op.Hello)
    expect(value).toMatchObject({ answer: 'raw', proof: expect.any(String) })
    expect(JSON.stringify(value)).not.toContain('secret')
    raw.hello({ answer: nonce, proof: (value as { proof: string }).proof })
    expect(await connecting).toMatchObject({ code: 'unauthorized' })
    await expect(raw.next(Op.Hello)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  test('each proof is of its own step, both ends, the version, the token and the session', async () => {
    const { middle } = await meet({ key, version: '2' }, { key, version: '2' }, asIs, 'secret')
    const proofs = (toServer: boolean): unknown[] =>
      middle!.hellos(toServer).flatMap(({ proof }) => (proof === undefined ? [] : [String(proof).slice('key '.length)]))
    const [{ nonce: ours }, { nonce: theirs }] = [middle!.hellos(true)[0]!, middle!.hellos(false)[0]!]
    const text = (step: number, from: unknown[], to: unknown[], ...said: unknown[]): string =>
      JSON.stringify(['troupe shared key', step, 1, ...from, ...to, ...said, null, null])
    const ends = [
      ['client', ours],
      ['server', theirs],
    ] as const
    expect(proofs(true)).toEqual([
      text(1, [...ends[0]], [...ends[1]], null, null),
      text(3, [...ends[0]], [...ends[1]], '2', 'secret'),
    ])
    expect(proofs(false)).toEqual([text(2, [...ends[1]], [...ends[0]], '2', null)])
  })
})

describe('an attacker between the two', () => {
  const changed = (field: string, value: unknown, toServer: boolean): Change => {
    return (hello, isToServer) =>
      isToServer === toServer && hello[field] !== undefined ? { ...hello, [field]: value } : hello
  }
  const without = (field: string): Change => {
    return (hello) => ({ ...hello, [field]: undefined })
  }
  const guarded = { key, version: '2', compatible: () => true, authorize: () => true }

  test('may pass on what is said', async () => {
    expect(isLinked((await meet({ key, version: '2' }, guarded, asIs, 'secret')).outcome)).toBe(true)
  })

  test.each<[string, Change, string?]>([
    ['the version of the protocol', changed('version', 2, true), 'version'],
    ['the version of the protocol of the server', changed('version', 2, false), 'version'],
    ['the id of the client', changed('id', 'mallory', true)],
    ['the id of the server', changed('id', 'mallory', false)],
    ['the nonce of the client', changed('nonce', 'mallory', true), 'unreachable'],
    ['the nonce of the server', changed('nonce', 'mallory', false), 'handshake-timeout'],
    ['the version of the application', changed('app', '1', true)],
    ['the version of the application of the server', changed('app', '1', false)],
    ['the token', changed('token', 'guess', true)],
    ['a proof', changed('proof', 'key', true)],
    ['a proof of the server', changed('proof', 'key', false)],
    ['nothing but leaves out the token', without('token')],
    ['nothing but leaves out the version of the application', without('app')],
    ['nothing but leaves out the proofs', without('proof')],
    ['nothing but says that a session goes on', (hello) => ({ ...hello, resume: { session: 'raw', received: 0 } })],
  ])('who changes %s is refused', async (_, change, code = 'unauthorized') => {
    const seen: Claims[] = []
    const authorize = (claims: Claims): boolean => seen.push(claims) > 0
    const { outcome } = await meet({ ...guarded }, { ...guarded, authorize }, change, 'secret')
    expect(outcome).toMatchObject({ code })
    expect(seen).toEqual([])
    expect(server.peers).toEqual([])
  })

  test('gets nowhere with the first proof in place of the second, that of the token', async () => {
    let first: unknown
    const { outcome } = await meet(
      { key },
      guarded,
      (hello, toServer) => {
        if (!toServer || hello['proof'] === undefined) return hello
        first ??= hello['proof']
        return { ...hello, token: undefined, proof: first }
      },
      'secret',
    )
    expect(outcome).toMatchObject({ code: 'unauthorized' })
    expect(server.peers).toEqual([])
  })

  test('gets no proof by reflecting one', async () => {
    const [near, far] = pair(untrusted)
    const connecting = settled(client.connect(near, { key }))
    const raw = new RawPeer(far)
    const { nonce } = (await raw.next(Op.Hello)).value as { nonce: string }
    // As if it had the same nonce, so that both ends look alike.
    raw.hello({ nonce })
    const { proof } = (await raw.next(Op.Hello)).value as { proof: string }
    raw.hello({ nonce, answer: nonce, proof })
    expect(await connecting).toMatchObject({ code: 'unauthorized' })
  })

  test('gets nowhere with the frames of an earlier link', async () => {
    const { outcome, middle } = await meet({ key }, { key }, asIs, 'secret')
    expect(isLinked(outcome)).toBe(true)
    await settled((outcome as Peer).close())
    for (const isAmended of [false, true]) {
      const [near, far] = pair(untrusted)
      await server.listen(single(far), { key })
      const raw = new RawPeer(near)
      const { nonce } = (await raw.next(Op.Hello)).value as { nonce: string }
      for (const hello of middle!.hellos(true)) raw.send(Op.Hello, isAmended ? { ...hello, answer: nonce } : hello)
      raw.send(Op.Welcome, { actors: [] })
      await env.advance(5_000)
      expect(await raw.closed).toMatchObject({ code: isAmended ? 'unauthorized' : 'handshake-timeout' })
      expect(server.peers).toEqual([])
    }
    for (const isAmended of [false, true]) {
      const [near, far] = pair(untrusted)
      const connecting = settled(client.connect({ token: 'secret', open: () => near }, { key }), 40_000)
      const raw = new RawPeer(far)
      const { nonce } = (await raw.next(Op.Hello)).value as { nonce: string }
      for (const hello of middle!.hellos(false)) {
        const { answer } = hello
        raw.send(Op.Hello, isAmended && answer !== undefined ? { ...hello, answer: nonce } : hello)
      }
      expect(await connecting).toMatchObject({ code: isAmended ? 'unauthorized' : 'handshake-timeout' })
    }
  })
})

describe('a secret that', () => {
  const failing = (error: unknown): Secret => ({
    sign: () => Promise.reject(error),
    verify: () => Promise.reject(error),
  })
  const throwing: Secret = {
    sign: () => {
      throw new TypeError('broken')
    },
    verify: () => {
      throw new TypeError('broken')
    },
  }

  test.each([
    ['rejects', failing(new TypeError('broken'))],
    ['throws', throwing],
  ])('%s ends the link on both sides', async (_, broken) => {
    expect((await meet({ key: keyOf(broken) }, { key })).outcome).toMatchObject({
      code: 'unauthorized',
      cause: { message: 'broken' },
    })
    expect((await meet({ key }, { key: keyOf(broken) })).outcome).toMatchObject({ code: 'unauthorized' })
    expect(refused.map(({ code }) => code)).toEqual(['unauthorized', 'unauthorized'])
    // What broke is told here, and not to the peer.
    expect(refused[1]).toMatchObject({ cause: { message: 'broken' } })
  })

  test('does not answer is given up at the deadline of the handshake, and says nothing later', async () => {
    let sign = (_proof: string): void => {}
    const slow: Secret = {
      sign: () => new Promise((resolve) => (sign = resolve)),
      verify: async () => true,
    }
    const { outcome, middle } = await meet({ key: keyOf(slow) }, { key }, asIs)
    expect(outcome).toMatchObject({ code: 'handshake-timeout' })
    const before = middle!.passed.length
    sign('too late')
    await env.advance(0)
    expect(middle!.passed).toHaveLength(before)
  })

  test('finds out too late that a proof is right lets nobody in, and authorize is not asked', async () => {
    let isRight = (_verdict: boolean): void => {}
    const slow: Secret = {
      sign: (text) => secretOf('key').sign(text),
      verify: (text) =>
        stepOf(text) === 3 ? new Promise<boolean>((resolve) => (isRight = resolve)) : Promise.resolve(true),
    }
    const seen: Claims[] = []
    const authorize = (claims: Claims): boolean => seen.push(claims) > 0
    expect((await meet({ key }, { key: keyOf(slow), authorize })).outcome).toMatchObject({ code: 'handshake-timeout' })
    isRight(true)
    await env.advance(0)
    expect([seen, server.peers]).toEqual([[], []])
  })

  test('is another one for the second proof is refused, though the listener knows both', async () => {
    const changing: Secret = {
      sign: (text) => secretOf(stepOf(text) === 1 ? 'key' : 'other').sign(text),
      verify: (text, proof) => secretOf('key').verify(text, proof),
    }
    const both = keyOf(secretOf('key'), secretOf('other'))
    expect((await meet({ key: keyOf(changing) }, { key: both })).outcome).toMatchObject({ code: 'unauthorized' })
  })
})

test('a session that goes on proves its key again, and one with another key ends', async () => {
  const network = new Network({ env })
  let name = 'key'
  const secret: Secret = {
    sign: (text) => secretOf(name).sign(text),
    verify: (text, proof) => secretOf(name).verify(text, proof),
  }
  const seen: Claims[] = []
  await server.listen(network.listener, { actors: probes, key, authorize: (claims) => seen.push(claims) > 0 })
  const connecting = client.connect<typeof probes>(network.connector(), { key: keyOf(secret) })
  await env.advance(100)
  const peer = await connecting
  const spawning = peer.spawn('Probe')
  await env.advance(100)
  const probe = await spawning
  network.cut()
  expect(await settled(probe.add(1, 2), 5_000)).toBe(3)
  expect(seen).toMatchObject([{ key: true }, { key: true }])

  name = 'other'
  network.cut()
  await env.advance(0)
  const call = settled(probe.add(1, 2), 5_000)
  await env.advance(5_000)
  expect(peer.state).toBe('closed')
  expect(await peer.closed).toMatchObject({ code: 'unauthorized' })
  expect(await call).toMatchObject({ code: 'unreachable' })
  expect(seen).toHaveLength(2)
  expect(refused).toMatchObject([{ code: 'unauthorized' }])
  // The server keeps the link for its owner, until the time is over.
  expect(server.peers).toHaveLength(1)
  await env.advance(60_000)
  expect(server.peers).toEqual([])
})

test.each([
  ['session', 'another'],
  ['received', 0],
])('an attacker who changes the %s of a session that goes on is refused', async (field, value) => {
  const network = new Network({ env })
  const change: Change = (hello) =>
    hello['resume'] === undefined ? hello : { ...hello, resume: { ...(hello['resume'] as object), [field]: value } }
  const connector = network.connector()
  const open = async (frame: number): Promise<Transport> => {
    const inner = await connector.open(frame)
    const outer = new Connection((_, arrive) => env.setTimer(arrive, 1))
    new Middle(outer.server, inner, change)
    return outer.client
  }
  await server.listen(network.listener, { actors: probes, key })
  const connecting = client.connect({ ...connector, open }, { key })
  await env.advance(100)
  const peer = await connecting
  network.cut()
  await env.advance(5_000)
  expect(peer.state).toBe('closed')
  expect(await peer.closed).toMatchObject({ code: 'unauthorized' })
  await env.advance(60_000)
})

/** A bus in this realm, of which each member hears all others. */
function air(trusted: boolean) {
  const media = new Set<Air>()
  class Air extends Channel {
    readonly traits = {
      payload: 'clone',
      transfer: false,
      ordered: true,
      topology: 'bus',
      trusted,
      heartbeat: false,
    } as const
    readonly codec = pair()[0].codec
    hear(data: unknown): void {
      this.take(data)
    }
    protected post(data: unknown): void {
      for (const medium of media) if (medium !== this) queueMicrotask(() => medium.hear(structuredClone(data)))
    }
    protected end(): void {
      media.delete(this)
    }
  }
  return () =>
    bus(() => {
      const medium = new Air()
      media.add(medium)
      return medium
    })
}

test.each([true, false])('members of a bus prove it to each other, trusted: %s', async (trusted) => {
  const on = air(trusted)
  const stranger = new Dispatcher({ env, id: 'stranger', log: () => {} })
  const joined = await Promise.all([server, client].map((each) => settled(each.join(on(), { actors: probes, key }))))
  expect(joined.filter((one) => one instanceof ActorError)).toEqual([])
  expect(client.peers.map(({ id }) => id)).toEqual(['server'])
  await settled(stranger.join(on(), { key: other }), 40_000)
  expect(stranger.peers).toEqual([])
  expect(server.peers.map(({ id }) => id)).toEqual(['client'])
  await settled(stranger.close())
})

test('two hundred links with keys, half of them refused, leave nothing', async () => {
  let accept!: (transport: Transport) => void
  const gate = listener(async (take) => {
    accept = take
    return { close: async () => {} }
  })
  await server.listen(gate, { actors: probes, key })
  const idle = env.timers
  const links = Array.from({ length: 200 }, async (_, n) => {
    const [near, far] = pair(untrusted)
    accept(far)
    const peer = await client.connect(near, { key: n % 2 ? key : other })
    await peer.names()
    await peer.close()
  })
  const outcomes = await Promise.all(links.map((link) => settled(link)))
  expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(100)
  // The log has some lines, and one that counts the others.
  await env.advance(1_000)
  expect(refused.length).toBeLessThanOrEqual(51)
  expect([client.info().peers, server.info().peers]).toEqual([[], []])
  expect(env.timers).toBe(idle)
})
