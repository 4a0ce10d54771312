import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { group } from '../../core/group/index.js'
import { Dispatcher } from '../../core/index.js'
import { cluster, end, found, type Recorder } from '../fixtures/broker-cluster.js'
import { LIBRARIES, type Library } from '../fixtures/clients.js'
import { type BrokerServer, startBroker } from '../fixtures/broker-server.js'

const built = (file: string): string => fileURLToPath(new URL(`../../.cache/fixtures/${file}`, import.meta.url))
let buses = 0

describe.each(Object.keys(LIBRARIES) as Library[])('a bus with %s', (library) => {
  let server: BrokerServer
  let prefix: string
  beforeAll(async () => void (server = await startBroker(LIBRARIES[library])))
  beforeEach(() => void (prefix = `features-${buses++}`))
  afterAll(() => server.dispose())

  test('calls groups: all members, and any one of them once for each call', async () => {
    const nodes = await cluster(library, server.port, ['a', 'b', 'c'], { prefix })
    const recorders = group<Recorder>(nodes[0]!.realm, 'recorders')
    await expect.poll(async () => (await recorders.members()).length).toBe(3)
    const sent = Array.from({ length: 100 }, (_, n) => n)
    expect(await Promise.all(sent.map((n) => recorders.any.record(n)))).toEqual(sent)
    const ran: number[] = []
    for await (const { status, value } of recorders.all.all() as AsyncIterable<{ status: string; value?: number[] }>) {
      expect(status).toBe('fulfilled')
      ran.push(...value!)
    }
    expect(ran.sort((one, other) => one - other)).toEqual(sent)
    await end(nodes)
  })

  test('carries streams, and values that are larger than a packet', async () => {
    const nodes = await cluster(library, server.port, ['a', 'b'], { prefix })
    const b = await found(nodes[0]!.realm, 'b')
    const counted: number[] = []
    for await (const n of b.count(1_000)) counted.push(n)
    expect(counted).toEqual(Array.from({ length: 1_000 }, (_, n) => n + 1))
    const large = Uint8Array.from({ length: 5_000_000 }, (_, n) => n * 31)
    const [first, second, last] = await Promise.all([b.echo(1), b.echo(large), b.echo(2)])
    expect([first, last]).toEqual([1, 2])
    expect(Buffer.from(second as Uint8Array).equals(large)).toBe(true)
    await end(nodes)
  })

  test('keeps apart those of two prefixes on one server', async () => {
    const one = await cluster(library, server.port, ['a', 'b'], { prefix })
    const other = await cluster(library, server.port, ['c', 'd'], { prefix: `${prefix}-other` })
    const ids = [...one, ...other].map(({ realm }) => realm.peers.map(({ id }) => id))
    expect(ids).toEqual([['b'], ['a'], ['d'], ['c']])
    await end([...one, ...other])
  })

  test('lets a process end once its dispatcher and its client are closed', async () => {
    const nodes = await cluster(library, server.port, ['a'], { prefix })
    const place = JSON.stringify({ library, port: server.port, prefix })
    const visit = promisify(execFile)(process.execPath, [built('broker-visitor.mjs'), place], { timeout: 20_000 })
    expect(await visit).toEqual({ stdout: '1\n', stderr: '' })
    await expect.poll(() => nodes[0]!.realm.peers).toEqual([])
    await end(nodes)
  })

  test('notices a process that was killed, and one that stood still is a member again', async () => {
    const limits = { trusted: { heartbeat: 400 } }
    const nodes = await cluster(library, server.port, ['a'], { prefix, limits })
    const { realm } = nodes[0]!
    const place = JSON.stringify({ library, port: server.port, options: { prefix } })
    const child = fork(built('broker-member.mjs'), [place])
    await once(child, 'message')
    await expect.poll(() => realm.peers.length).toBe(1)
    const { id } = realm.peers[0]!
    child.kill('SIGSTOP')
    await expect.poll(() => realm.peers.length, { timeout: 10_000 }).toBe(0)
    child.kill('SIGCONT')
    await expect.poll(() => realm.peers.map((peer) => peer.id), { timeout: 10_000 }).toEqual([id])
    const probe = await realm.peers[0]!.spawn('Probe')
    const call = (probe as unknown as { hang(): Promise<unknown> }).hang().catch((error: unknown) => error)
    child.kill('SIGKILL')
    expect(await call).toMatchObject({ code: 'unknown', ran: 'maybe' })
    expect(realm.peers).toEqual([])
    await end(nodes)
  })

  test('is refused by a server that cannot be reached, in time', async () => {
    const nodes = await cluster(library, server.port, ['a'], { prefix })
    await nodes[0]!.realm.close()
    await server.kill()
    const dispatcher = new Dispatcher({ limits: { trusted: { handshake: 500 } } })
    const refusal = await dispatcher.join(nodes[0]!.client.bus).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'handshake-timeout', ran: 'no' })
    await server.start()
    await dispatcher.join(nodes[0]!.client.bus)
    await dispatcher.close()
    await nodes[0]!.client.close()
  })
})
