import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ActorError, Dispatcher, type Grant, type LinkOffer, type Peer } from '../../core/index.js'
import { type Change, Middle } from '../../core/testing/middle.js'
import { pool } from '../../core/pool/index.js'
import { probes } from '../../core/testing/index.js'
import { RawPeer } from '../../core/testing/raw-peer.js'
import { Op } from '../../core/link/session/op.js'
import { webSocket } from '../transports/websocket.js'
import { webSocketServer } from '../transports/websocket-server.js'
import { sharedKey } from './shared-key.js'

const FRAME = 1024 * 1024
const SECRET = 'a secret that both sides have'
const key = sharedKey(SECRET)
const wrong = sharedKey('a secret that nobody else has')

let server: Dispatcher
let client: Dispatcher
let refused: ActorError[]
/** Each is called at the end. */
let ends: (() => unknown)[]

beforeEach(() => {
  refused = []
  ends = []
  server = new Dispatcher({ log: ({ error }) => refused.push(error as ActorError), limits: { handshake: 5_000 } })
  client = new Dispatcher({ log: () => {} })
})
afterEach(async () => {
  await client.close()
  await server.close({ mode: 'kill' })
  for (const end of ends) await end()
  nothingIsLeft()
})

const nothingIsLeft = (): void => expect([client.info().peers, server.info().peers]).toEqual([[], []])

/** A server, and its address. */
async function serve(offer: LinkOffer): Promise<string> {
  const { port } = await server.listen(webSocketServer({ port: 0 }), { actors: probes, ...offer })
  return `ws://127.0.0.1:${port}`
}

/** An attacker between the clients and a server: its address, and what passed in each connection. */
async function between(url: string, change?: Change): Promise<{ url: string; middles: Middle[] }> {
  const middles: Middle[] = []
  const listening = await webSocketServer({ port: 0 }).open(
    (near) =>
      void Promise.resolve(webSocket(url).open(FRAME)).then((far) => middles.push(new Middle(near, far, change))),
    FRAME,
    () => {},
  )
  ends.push(() => listening.close())
  return { url: `ws://127.0.0.1:${listening.port}`, middles }
}

describe('a shared key over a WebSocket', () => {
  test('links two sides, and goes with authorize', async () => {
    const authorize = ({ token, key: isProven }: { token: string | undefined; key: boolean }): Grant => ({
      user: `${token} ${isProven}`,
    })
    const url = await serve({ key, authorize })
    const peer = await client.connect<typeof probes>(webSocket(url, { token: 'ada' }), { key })
    expect(await (await peer.spawn('Probe')).from()).toMatchObject({ user: 'ada true' })
  })

  test('is enough for a peer that comes from elsewhere, as by a proxy', async () => {
    const { port } = await server.listen(webSocketServer({ port: 0 }), { actors: probes, key })
    const proxied = createServer((near) => {
      const far = connect(port!, '127.0.0.1')
      near.once('data', (head: Buffer) => {
        far.write(String(head).replace('\r\n', '\r\nX-Forwarded-For: 203.0.113.7\r\n'))
        near.pipe(far).pipe(near)
      })
      for (const socket of [near, far]) socket.on('error', () => {})
    })
    await once(proxied.listen(0, '127.0.0.1'), 'listening')
    ends.push(() => proxied.close())
    const url = `ws://127.0.0.1:${(proxied.address() as AddressInfo).port}`
    expect(await client.connect(webSocket(url), { key })).toMatchObject({ id: server.id })
    await expect(client.connect(webSocket(url), { key: wrong })).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(client.connect(webSocket(url))).rejects.toMatchObject({ code: 'unauthorized' })
  })

  test.each([
    ['another one', wrong, key, 'the proof of the shared key is wrong'],
    ['none at the client', undefined, key, 'no proof of the shared key came'],
    ['none at the server', key, undefined, 'no proof of the shared key came'],
  ])('refuses %s, and says so on both sides', async (_, ours, theirs, text) => {
    const url = await serve({ key: theirs })
    await expect(client.connect(webSocket(url), { key: ours })).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining(text),
    })
    await expect.poll(() => refused).toMatchObject([{ code: 'unauthorized', message: expect.stringContaining(text) }])
    expect(server.peers).toEqual([])
  })

  test('signs what PROTOCOL.md says', async () => {
    const { url, middles } = await between(await serve({ key, version: '2' }))
    await client.connect(webSocket(url, { token: 'tökèn "\u2028' }), { key, version: '2' })
    const [ours, theirs] = [middles[0]!.hellos(true), middles[0]!.hellos(false)]
    const ends = [client.id, ours[0]!['nonce'], server.id, theirs[0]!['nonce']]
    const [a, b, c, d] = ends
    const proof = (...values: unknown[]): string =>
      createHmac('sha256', SECRET)
        .update(JSON.stringify(['troupe shared key', ...values, null, null]))
        .digest('base64url')
    expect(ours.flatMap((hello) => hello['proof'] ?? [])).toEqual([
      proof(1, 1, a, b, c, d, null, null),
      proof(3, 1, a, b, c, d, '2', 'tökèn "\u2028'),
    ])
    expect(theirs.flatMap((hello) => hello['proof'] ?? [])).toEqual([proof(2, 1, c, d, a, b, '2', null)])
  })

  test.each<[string, Change]>([
    ['id', (hello, toServer) => (toServer ? { ...hello, id: 'mallory' } : hello)],
    ['token', (hello) => (hello['token'] === undefined ? hello : { ...hello, token: 'root' })],
    ['app', (hello) => (hello['app'] === undefined ? hello : { ...hello, app: '1' })],
    ['proof', (hello) => (hello['proof'] === undefined ? hello : { ...hello, proof: 'A'.repeat(43) })],
  ])('refuses a link whose %s an attacker changes', async (_, change) => {
    let isAsked = false
    const authorize = (): boolean => (isAsked = true)
    const { url } = await between(await serve({ key, version: '2', compatible: () => true, authorize }), change)
    const connecting = client.connect(webSocket(url, { token: 'ada' }), { key, version: '2', compatible: () => true })
    await expect(connecting).rejects.toMatchObject({ code: 'unauthorized' })
    expect([isAsked, server.peers]).toEqual([false, []])
  })

  test('refuses the recorded frames of an earlier link', async () => {
    const { url, middles } = await between(await serve({ key }))
    await (await client.connect(webSocket(url), { key })).close()
    const direct = await serve({ key })
    for (const isAmended of [false, true]) {
      const raw = new RawPeer(await webSocket(direct).open(FRAME))
      const { nonce } = (await raw.next(Op.Hello)).value as { nonce: string }
      for (const hello of middles[0]!.hellos(true))
        raw.send(Op.Hello, isAmended && hello['answer'] !== undefined ? { ...hello, answer: nonce } : hello)
      raw.send(Op.Welcome, { actors: [] })
      expect(await raw.closed).toMatchObject({ code: isAmended ? 'unauthorized' : 'handshake-timeout' })
    }
    await expect.poll(() => server.peers).toEqual([])
  })

  test('is proved again where a link goes on, with the key of before', async () => {
    let proofs = 0
    const authorize = ({ key: isProven }: { key: boolean }): boolean => (isProven ? ++proofs > 0 : false)
    const target = await serve({ key, authorize })
    const sockets: Socket[] = []
    const wire = createServer((near) => {
      const far = connect(Number(new URL(target).port), '127.0.0.1')
      near.pipe(far).pipe(near)
      for (const socket of [near, far]) sockets.push(socket.on('error', () => {}))
    })
    await once(wire.listen(0, '127.0.0.1'), 'listening')
    ends.push(() => wire.close())
    const peer: Peer<typeof probes> = await client.connect<typeof probes>(
      webSocket(`ws://127.0.0.1:${(wire.address() as AddressInfo).port}`),
      { key },
    )
    const probe = await peer.spawn('Probe')
    for (const socket of sockets.splice(0)) socket.destroy()
    expect(await probe.add(1, 2)).toBe(3)
    expect(proofs).toBe(2)
  })

  test('of two hundred links, half of them refused, leaves nothing', async () => {
    const url = await serve({ key })
    const idle = server.info()
    const start = performance.now()
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        try {
          const peer = await client.connect(webSocket(url), n % 2 ? { key } : { key: wrong })
          await peer.names()
          await peer.close()
          return 'linked'
        } catch (error) {
          return (error as ActorError).code
        }
      }),
    )
    expect(outcomes.filter((outcome) => outcome === 'linked')).toHaveLength(100)
    expect(outcomes.filter((outcome) => outcome === 'unauthorized')).toHaveLength(100)
    await expect.poll(() => server.info()).toEqual(idle)
    // In each second the log has some lines, and one that counts the others.
    const seconds = Math.ceil((performance.now() - start) / 1_000)
    expect(refused.length).toBeLessThanOrEqual(51 * seconds)
    expect(client.info()).toMatchObject({ peers: [], deadlines: 0 })
  })
})

test('a pool of servers proves its key to each of them', async () => {
  const url = await serve({ key })
  const workers = pool<typeof probes>(client, { size: 1, connect: () => webSocket(url), key })
  expect(await workers.spawn('Probe').add(1, 2)).toBe(3)
  await workers.close()
})
