import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import { cluster, end, found } from '../fixtures/broker-cluster.js'
import { connectTo } from '../fixtures/broker-clients.js'
import { LIBRARIES, type Library } from '../fixtures/clients.js'
import { type BrokerServer, startBroker } from '../fixtures/broker-server.js'
import { leafKey } from './leaf.js'
import { KINDS, readPacket, writePacket } from './packet.js'
import { nats } from './nats.js'
import { redis } from './redis.js'
import { sealOf, secretOf } from './seal.js'

const KEY = '0123456789abcdef0123456789abcdef'
let buses = 0

describe.each(Object.keys(LIBRARIES) as Library[])('a neighbour on the server of %s', (library) => {
  let server: BrokerServer
  let prefix: string
  beforeAll(async () => void (server = await startBroker(LIBRARIES[library])))
  beforeEach(() => void (prefix = `neighbours-${buses++}`))
  afterAll(() => server.dispose())

  test('that sends again what it recorded, changed or not, is refused and counted', async () => {
    const neighbour = await connectTo(library, server.port, { prefix: 'elsewhere' })
    const heard: [subject: string, data: Uint8Array][] = []
    await neighbour.overhear(prefix, (subject, data) => heard.push([subject, Uint8Array.from(data)]))
    const nodes = await cluster(library, server.port, ['a', 'b'], { prefix, key: KEY })
    const b = await found(nodes[0]!.realm, 'b')
    for (let n = 0; n < 10; n++) expect(await b.record(n)).toBe(n)
    await expect.poll(() => heard.length).toBeGreaterThan(20)
    // Without what it sends itself.
    const recorded = [...heard]

    const changed = recorded.map(
      ([subject, data]) => [subject, data.with(data.length >> 1, data[data.length >> 1]! ^ 1)] as const,
    )
    const other = sealOf(secretOf('another secret of 16 bytes or more'))
    const forged = recorded.flatMap(([subject, data]) => {
      const { kind, from, number, received, body } = readPacket(data, other.size)!
      const packet = writePacket(kind, from, number + 100, received, [body], other.size)
      other.sign(packet, subject)
      return [
        [subject, packet],
        [subject, packet.subarray(0, packet.length - other.size)],
      ] as const
    })
    const subjects = [...new Set(recorded.map(([subject]) => subject))]
    // What is for one member is not for another one.
    const redirected = recorded.map(([subject, data]) => [subjects.find((each) => each !== subject)!, data] as const)
    const attack = [...recorded.toReversed(), ...recorded, ...changed, ...forged, ...redirected]
    for (const [subject, data] of attack) await neighbour.publish(subject, data)

    const calls = Array.from({ length: 100 }, (_, n) => b.record(10 + n))
    expect(await Promise.all(calls)).toEqual(calls.map((_, n) => 10 + n))
    expect(await b.all()).toEqual(Array.from({ length: 110 }, (_, n) => n))
    for (const { realm } of nodes) {
      expect(realm.peers).toHaveLength(1)
      expect(realm.info().buses[0]!.refused).toBeGreaterThan(recorded.length)
    }
    await end(nodes)
    await neighbour.close()
  })

  test('does not become a member without the key', async () => {
    const nodes = await cluster(library, server.port, ['a', 'b'], { prefix, key: KEY })
    const strangers = [
      ...(await cluster(library, server.port, ['c'], { prefix })),
      ...(await cluster(library, server.port, ['d'], { prefix, key: `${KEY}!` })),
    ]
    for (const { realm } of strangers) expect(realm.peers).toEqual([])
    expect(nodes.map(({ realm }) => realm.peers.map(({ id }) => id))).toEqual([['b'], ['a']])
    const late = await cluster(library, server.port, ['e'], { prefix, key: new TextEncoder().encode(KEY) })
    expect(late[0]!.realm.peers.map(({ id }) => id).sort()).toEqual(['a', 'b'])
    await end([...nodes, ...strangers, ...late])
  })

  test('that sends anything else is ignored and counted', async () => {
    const nodes = await cluster(library, server.port, ['a', 'b'], { prefix })
    const neighbour = await connectTo(library, server.port, { prefix: 'elsewhere' })
    const b = await found(nodes[0]!.realm, 'b')
    const subject = LIBRARIES[library] === 'nats' ? `${prefix}.all` : `${prefix}:all`
    const packet = writePacket('here', 'x', 1, 0, [], 0)
    const wrong = [
      ...Array.from(packet.keys(), (length) => packet.subarray(0, length)),
      ...[0, 1, 2, 3].map((at) => packet.with(at, 255)),
      ...Object.keys(KINDS).flatMap((kind) =>
        kind === 'here' || kind === 'gone' ? [] : [writePacket(kind as 'data', 'x', 1, 0, [], 0)],
      ),
      writePacket('here', 'x', -1, 0, [], 0),
      writePacket('here', 'x', 1, NaN, [], 0),
      new TextEncoder().encode('{"from":"x"}'),
      new Uint8Array(100_000).fill(255),
    ]
    for (const data of wrong) await neighbour.publish(subject, data)
    await expect.poll(() => nodes[0]!.realm.info().buses[0]!.refused).toBe(wrong.length)
    expect(await b.record(1)).toBe(1)
    expect(nodes[0]!.realm.peers).toHaveLength(1)
    await end(nodes)
    await neighbour.close()
  })
})

describe('wrong arguments', () => {
  const client = { duplicate() {}, publish() {}, on() {} }
  const malformed = expect.objectContaining({ code: 'malformed', ran: 'no' })
  const thrown = (body: () => unknown): unknown => {
    try {
      return body()
    } catch (error) {
      return error
    }
  }

  test.each([undefined, null, 'redis://localhost', {}, client, Promise.resolve(client)])(
    'redis(%s) is malformed',
    (given) => {
      expect(thrown(() => redis(given as never))).toEqual(malformed)
    },
  )

  test.each([undefined, null, 'localhost:4222', {}, client, Promise.resolve(client)])(
    'nats(%s) is malformed',
    (given) => {
      expect(thrown(() => nats(given as never))).toEqual(malformed)
    },
  )

  test.each([
    null,
    'prefix',
    { prefix: '' },
    { prefix: 'a b' },
    { prefix: 'a*' },
    { prefix: 7 },
    { key: 'short' },
    { key: 7 },
    { key: undefined },
    { leaf: undefined },
    { prefx: 'shop' },
    { leaf: '' },
    { leaf: 7 },
    { leaf: KEY },
    { leaf: leafKey(KEY, { name: 'ann' }), key: KEY },
  ])('options of %o are malformed', (options) => {
    const likeIoRedis = { ...client, status: 'ready', pubsub() {} }
    expect(thrown(() => redis(likeIoRedis, options as never))).toEqual(malformed)
    const likeNats = {
      ...client,
      subscribe() {},
      async flush() {},
      status() {},
      async closed() {},
      isClosed: () => false,
    }
    expect(thrown(() => nats(likeNats as never, options as never))).toEqual(malformed)
  })

  test.each([
    ['short', { name: 'ann' }],
    [undefined, { name: 'ann' }],
    [KEY, { name: '' }],
    [KEY, { name: 'a~b' }],
    [KEY, { name: 'a'.repeat(65) }],
    [KEY, { name: 'ann', expiresIn: -1 }],
    [KEY, { name: 'ann', expiresIn: 'soon' }],
    [KEY, {}],
    [KEY, undefined],
  ])('leafKey(%o, %o) is malformed', (key, options) => {
    expect(thrown(() => leafKey(key as never, options as never))).toEqual(malformed)
  })

  test('a client that is not connected cannot join', async () => {
    const { createClient } = await import('redis')
    await using dispatcher = new Dispatcher()
    const refusal = await dispatcher.join(redis(createClient())).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'unreachable', ran: 'no' })
  })
})
