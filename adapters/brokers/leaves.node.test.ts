import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { ActorError, ask, type Claims, Dispatcher, type Joined, ping, type Proxy, tell } from '../../core/index.js'
import { type Client, connectTo } from '../fixtures/broker-clients.js'
import { cluster, end, found, type Node, type Recorder } from '../fixtures/broker-cluster.js'
import { type BrokerServer, startBroker } from '../fixtures/broker-server.js'
import { LIBRARIES, type Library, natsConnection } from '../fixtures/clients.js'
import type { BrokerOptions } from './broker-bus.js'
import { hasExpired, leafId, leafKey, readLeafKey } from './leaf.js'
import { nats } from './nats.js'
import { writePacket } from './packet.js'
import { sealOf } from './seal.js'

const KEY = '0123456789abcdef0123456789abcdef'
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
let buses = 0

/** One that joins with a key of a leaf. */
interface Leaf {
  readonly realm: Dispatcher
  readonly client: Client
  readonly joined: Joined
}

describe.each(Object.keys(LIBRARIES) as Library[])('a leaf on %s', (library) => {
  let server: BrokerServer
  let prefix: string
  let asked: (string | undefined)[]
  const opened: Node[] = []
  const leaves: Leaf[] = []
  beforeAll(async () => void (server = await startBroker(LIBRARIES[library])))
  beforeEach(() => {
    prefix = `leaves-${buses++}`
    asked = []
  })
  afterEach(async () => {
    await end([...leaves.splice(0).map((leaf) => ({ ...leaf, said: [] })), ...opened.splice(0)])
    await server.start()
  })
  afterAll(() => server.dispose())

  const authorize = ({ leaf }: Claims) => {
    asked.push(leaf)
    return leaf === undefined || { user: leaf, names: ['a'], actors: [] }
  }
  const nodes = async (ids: readonly string[], options: object = { offer: { authorize } }): Promise<Node[]> => {
    const made = await cluster(library, server.port, ids, { prefix, key: KEY, ...options })
    opened.push(...made)
    return made
  }
  const comes = async (leaf: BrokerOptions['leaf'] = leafKey(KEY, { name: 'ann' }), id = 'ann'): Promise<Leaf> => {
    const client = await connectTo(library, server.port, { prefix, leaf })
    const realm = new Dispatcher({ id, log: () => {} })
    const joined = await realm.join(client.bus)
    const made = { realm, client, joined }
    leaves.push(made)
    return made
  }
  const sees = async ({ joined }: Leaf, ...ids: string[]): Promise<void> => {
    await expect.poll(() => joined.peers.map(({ id }) => id).sort(), { timeout: 10_000 }).toEqual(ids)
  }

  test('has links with those that hold the key, and is allowed what authorize says', async () => {
    await nodes(['a', 'b'])
    const ann = await comes()
    await sees(ann, 'a', 'b')
    expect(asked.filter((leaf) => leaf === 'ann')).toHaveLength(2)
    const [a] = ann.joined.peers.filter(({ id }) => id === 'a')
    expect(await a!.names()).toEqual(['a'])
    const recorder = await found(ann.realm, 'a')
    expect(await recorder.record(1)).toBe(1)
    expect(await ann.realm.lookup('b')).toBeUndefined()
    expect(await outcome(a!.spawn('Recorder'))).toMatchObject({ ran: 'no' })
  })

  test('has no link with another leaf, and no name of its own reaches anybody', async () => {
    const [a] = await nodes(['a'])
    const ann = await comes()
    const bob = await comes(leafKey(KEY, { name: 'bob' }), 'bob')
    await sees(ann, 'a')
    await sees(bob, 'a')
    const { Recorder: Class } = await import('../fixtures/broker-cluster.js')
    await ann.realm.spawn(Class, { name: 'of ann' })
    expect(await (await found(bob.realm, 'a')).record(1)).toBe(1)
    expect(await a!.realm.lookup('of ann')).toBeUndefined()
    expect(await bob.realm.lookup('of ann')).toBeUndefined()
    // A proxy that it hands out is called through those that hold the key.
    const own = (await ann.realm.lookup<Recorder>('of ann'))!
    const back = (await (await found(ann.realm, 'a')).echo(own)) as Proxy<Recorder>
    expect(await back.record(7)).toBe(7)
  })

  test('finds a member that comes later, and one that leaves ends its calls at once', async () => {
    const [a] = await nodes(['a'])
    const ann = await comes()
    await sees(ann, 'a')
    await nodes(['b'])
    await sees(ann, 'a', 'b')
    const recorder = await found(ann.realm, 'a')
    const call = outcome(recorder.hang())
    await ping(recorder)
    await a!.realm.close({ mode: 'kill' })
    expect(await call).toBeInstanceOf(ActorError)
    await sees(ann, 'b')
  })

  test('outlasts an outage of the server', async () => {
    await nodes(['a'])
    const ann = await comes()
    const a = await found(ann.realm, 'a')
    await server.kill()
    const calls = Array.from({ length: 100 }, (_, n) => a.record(n))
    await server.start()
    expect(await Promise.all(calls)).toEqual(calls.map((_, n) => n))
  })

  test('sends a burst of messages, and each arrives once, in order', async () => {
    await nodes(['a'])
    const ann = await comes()
    const a = await found(ann.realm, 'a')
    for (let n = 0; n < 50_000; n++) tell(a).record(n)
    const all = await a.all()
    expect(all).toEqual(Array.from({ length: 50_000 }, (_, n) => n))
  })

  test('gets a new key each time that it joins, and joins again when its member takes it for gone', async () => {
    const keys: number[] = []
    const [a] = await nodes(['a'], { offer: { authorize }, limits: { heartbeat: 200 } })
    const ann = await comes(() => {
      keys.push(keys.length)
      if (keys.length === 2) throw new Error('not now')
      return leafKey(KEY, { name: 'ann' })
    })
    await sees(ann, 'a')
    await server.kill()
    // For longer than the member waits.
    await expect.poll(() => a!.realm.peers, { timeout: 10_000 }).toEqual([])
    await server.start()
    await expect.poll(() => keys, { timeout: 10_000 }).toEqual([0, 1, 2])
    await sees(ann, 'a')
    expect(await (await found(ann.realm, 'a')).record(1)).toBe(1)
  })

  test('is let in as often as 64 times at once under one name', async () => {
    const [a] = await nodes(['a'])
    const neighbour = await connectTo(library, server.port, { prefix: 'elsewhere' })
    const subjects = new Set<string>()
    await neighbour.overhear(prefix, (subject) => subjects.add(subject))
    await comes(leafKey(KEY, { name: 'bob' }), 'bob')
    await expect.poll(() => a!.realm.peers.length).toBe(1)
    const { secret, ...who } = readLeafKey(leafKey(KEY, { name: 'eve' }))
    const seal = sealOf(secret)
    const [own] = [...subjects].filter((subject) => /[.:]to[.:]/.test(subject))
    const before = a!.realm.info().buses[0]!.refused
    for (let n = 0; n < 100; n++) {
      const packet = writePacket('here', leafId(who, `x${n}`), 1, 0, [], seal.size)
      seal.sign(packet, own!)
      await neighbour.publish(own!, packet)
    }
    await expect.poll(() => a!.realm.info().buses[0]!.refused - before).toBe(36)
    await neighbour.close()
  })

  test('that has no key, or one that has expired, cannot join', async () => {
    const expired = leafKey(KEY, { name: 'ann', expiresIn: 0 })
    await vi.waitUntil(() => hasExpired(readLeafKey(expired)), 3_000)
    expect(await outcome(comes(expired))).toMatchObject({ code: 'expired', ran: 'no' })
    const refused = outcome(comes(() => Promise.reject(new Error('not now'))))
    expect(await refused).toMatchObject({ code: 'unreachable', ran: 'no', cause: { message: 'not now' } })
    expect(await outcome(comes(() => 'wrong'))).toMatchObject({ code: 'malformed', ran: 'no' })
  })

  test('is not let in where nobody asks for it', async () => {
    const [a] = await nodes(['a'], {})
    const ann = await comes()
    await expect.poll(() => a!.said.some((text) => text.includes('refused'))).toBe(true)
    expect([ann.joined.peers, a!.realm.peers]).toEqual([[], []])
  })

  test.each([
    ['is made of another key', leafKey(`${KEY}!`, { name: 'ann' })],
    ['was given another name', leafKey(KEY, { name: 'ann' }).replace('ann', 'eve')],
    ['was given a later end', leafKey(KEY, { name: 'ann' }).replace(/~../, '~zz')],
  ])('whose key %s is not heard', async (_, leaf) => {
    const [a] = await nodes(['a'])
    const ann = await comes(leaf)
    await expect.poll(() => a!.realm.info().buses[0]!.refused).toBeGreaterThan(0)
    expect([ann.joined.peers, a!.realm.peers, asked.includes('ann')]).toEqual([[], [], false])
  })

  test('is not heard by those that have no key', async () => {
    const made = await cluster(library, server.port, ['a'], { prefix, offer: { authorize } })
    opened.push(...made)
    const [a] = made
    const ann = await comes()
    expect([ann.joined.peers, a!.realm.peers]).toEqual([[], []])
  })

  test('can say nothing in the name of others, and cannot make a member leave', async () => {
    const ears = await connectTo(library, server.port, { prefix: 'elsewhere' })
    const heard: string[] = []
    await ears.overhear(prefix, (subject) => heard.push(subject))
    const [a] = await nodes(['a', 'b'])
    const ann = await comes()
    await sees(ann, 'a', 'b')
    const recorder = await found(ann.realm, 'a')
    await recorder.record(1)
    const { secret, ...who } = readLeafKey(leafKey(KEY, { name: 'eve' }))
    const seal = sealOf(secret)
    const mark = LIBRARIES[library] === 'nats' ? '.' : ':'
    const subjects = [...new Set(heard)]
    const members = subjects
      .filter((subject) => subject.startsWith(`${prefix}${mark}to`))
      .map((subject) => subject.slice(`${prefix}${mark}to${mark}`.length))
    expect(members).toHaveLength(2)
    const before = a!.realm.info().buses[0]!.refused
    for (const from of [...members, leafId(who, 'x'), leafId({ ...who, name: 'ann' }, 'x')])
      for (const kind of ['here', 'lost', 'gone', 'sync', 'data'] as const)
        for (const subject of subjects) {
          const packet = writePacket(kind, from, 1_000, 1, [], seal.size)
          seal.sign(packet, subject)
          await ears.publish(subject, packet)
        }
    await expect.poll(() => a!.realm.info().buses[0]!.refused).toBeGreaterThan(before + 10)
    expect(await recorder.record(2)).toBe(2)
    expect(a!.realm.peers.map(({ id }) => id).sort()).toEqual(['ann', 'b'])
    expect(await ask(recorder).all()).toEqual([1, 2])
    await ears.close()
  })
})

describe('a leaf that does not read what it is sent', () => {
  test('is not read either, and its link ends; others go on', async () => {
    const server = await startBroker('nats')
    const offer = { authorize: ({ leaf }: Claims) => leaf === undefined || { names: ['a'] } }
    const limits = { unsent: 1_000_000, heartbeat: 1_000 }
    const nodes = await cluster('nats', server.port, ['a', 'b'], { prefix: 'deaf', key: KEY, offer, limits })
    const connection = await natsConnection(server.port)
    let isDeaf = false
    const subscribe = (subject: string, { callback }: { callback: (...heard: unknown[]) => void }) =>
      connection.subscribe(subject, { callback: (...heard) => (isDeaf ? undefined : callback(...heard)) })
    const wrapped = new Proxy(connection, {
      get: (target, name) => {
        const value: unknown = name === 'subscribe' ? subscribe : Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const leaf = new Dispatcher({ id: 'ann', log: () => {} })
    await leaf.join(nats(wrapped, { prefix: 'deaf', leaf: leafKey(KEY, { name: 'ann' }) }))
    const recorder = await found(leaf, 'a')
    isDeaf = true
    const calls = Array.from({ length: 500 }, () => outcome(recorder.blob(100_000)))
    const [a] = nodes
    await expect.poll(() => a!.realm.peers.map(({ id }) => id), { timeout: 20_000 }).toEqual(['b'])
    const own = await found(a!.realm, 'a')
    // Each one that it handled is kept for the leaf.
    expect((await own.all()).length).toBeLessThan(100)
    expect(await (await found(a!.realm, 'b')).record(1)).toBe(1)
    await leaf.close({ mode: 'kill' })
    const codes = (await Promise.all(calls)).map((call) => (call as ActorError).code)
    expect(new Set(codes)).toEqual(new Set(['unknown']))
    await end(nodes)
    await connection.close()
    await server.dispose()
  })
})
