import { once } from 'node:events'
import { createServer, Server } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { ActorError, Dispatcher, type LinkOffer } from '../../core/index.js'
import { HELLO_BYTES } from '../../core/ground/limits.js'
import { Op } from '../../core/link/session/op.js'
import { probes, type Subject, testTransport } from '../../core/testing/index.js'
import { RawPeer } from '../../core/testing/raw-peer.js'
import { startServer } from '../fixtures/server-process.js'
import { webSocket } from './websocket.js'
import { webSocketServer, type WebSocketServerOptions } from './websocket-server.js'

const FRAME = 1024 * 1024

async function open(): Promise<Subject> {
  const server = await startServer()
  return {
    connector: { ...webSocket(server.url), restart: { max: 0 } },
    crash: () => server.kill(),
    dispose: () => server.kill(),
  }
}

// A server that crashed is not started again here: it is looked for no longer than this.
testTransport({ name: 'websocket', runner: { describe, test }, open, limits: { resume: 200 } })

/** A server of this process, a client, and both closed at the end. */
async function withServer(
  options: WebSocketServerOptions,
  offer: LinkOffer,
  body: (url: string, client: Dispatcher, server: Dispatcher) => Promise<void>,
  limits = {},
): Promise<void> {
  const server = new Dispatcher({ log: () => {}, limits })
  const client = new Dispatcher()
  const { port } = await server.listen(webSocketServer({ port: 0, ...options }), { actors: probes, ...offer })
  try {
    await body(`ws://127.0.0.1:${port}`, client, server)
  } finally {
    await client.close()
    await server.close()
  }
  expect(server.info().peers).toEqual([])
}

describe('a WebSocket server', () => {
  test('lets in whom authorize lets in, and stamps the user', () =>
    withServer({}, { authorize: ({ token }) => token === 'secret' && { user: 'ada' } }, async (url, client, server) => {
      await expect(client.connect(webSocket(url))).rejects.toMatchObject({ code: 'unauthorized' })
      await expect(client.connect(webSocket(url, { token: 'guess' }))).rejects.toMatchObject({ code: 'unauthorized' })
      const peer = await client.connect<typeof probes>(webSocket(url, { token: 'secret' }))
      expect(await (await peer.spawn('Probe')).from()).toEqual({ peer: client.id, user: 'ada' })
      expect([server.peers.map(({ user }) => user), peer.user]).toEqual([['ada'], undefined])
    }))

  test('tells the peer why it is refused if authorize throws an ActorError, and nothing of another error', async () => {
    const authorize = ({ token }: { readonly token: string | undefined }): never => {
      throw token ? new ActorError('unauthorized', 'the token has expired') : new Error('a secret')
    }
    await withServer({}, { authorize }, async (url, client) => {
      const refusal = async (token?: string): Promise<unknown> =>
        client.connect(webSocket(url, token ? { token } : {})).catch((error: unknown) => error)
      const told = {
        code: 'unauthorized',
        ran: 'no',
        message: expect.stringMatching(/the token has expired$/) as string,
      }
      expect(await refusal('old')).toMatchObject(told)
      expect(String(await refusal())).not.toMatch(/secret/)
    })
  })

  test('may decide later, and grants keys and names', () =>
    withServer({}, { authorize: async () => ({ actors: [], names: ['open'] }) }, async (url, client, server) => {
      await server.spawn(probes.Probe, { name: 'open' })
      await server.spawn(probes.Probe, { name: 'closed' })
      const peer = await client.connect<typeof probes>(webSocket(url))
      expect(peer.actors).toEqual([])
      await expect(peer.spawn('Probe')).rejects.toMatchObject({ code: 'not-found' })
      expect(await peer.names()).toEqual(['open'])
      expect(await peer.lookup('open')).toBeDefined()
      expect(await peer.lookup('closed')).toBeUndefined()
    }))

  test('looks at nothing before the token', () =>
    withServer({}, {}, async (url) => {
      const raw = new RawPeer(await webSocket(url).open(FRAME))
      raw.send(Op.Call, 0, 0, 'add', 0)
      expect(await raw.closed).toMatchObject({ code: 'protocol' })
    }))

  test(`takes ${HELLO_BYTES} bytes before it knows the peer`, () =>
    withServer({}, {}, async (url) => {
      const raw = new RawPeer(await webSocket(url).open(FRAME))
      raw.hello({ token: 'x'.repeat(HELLO_BYTES) })
      expect(await raw.closed).toMatchObject({ code: 'too-large' })
    }))

  test('gives the handshake a deadline', () =>
    withServer(
      {},
      {},
      async (url) => {
        const start = performance.now()
        const raw = new RawPeer(await webSocket(url).open(FRAME))
        expect(await raw.closed).toMatchObject({ code: 'handshake-timeout' })
        expect(performance.now() - start).toBeLessThan(2_500)
      },
      { handshake: 500 },
    ))

  test('refuses another version of the protocol, and says so', () =>
    withServer({}, {}, async (url) => {
      const raw = new RawPeer(await webSocket(url).open(FRAME))
      raw.hello({ version: 99 })
      expect(await raw.closed).toMatchObject({ code: 'version' })
    }))

  test('refuses a hello that is none', () =>
    withServer({}, {}, async (url) => {
      for (const hello of [null, 1, {}, { id: '' }, { limits: { frame: -1 } }, { nonce: 'x'.repeat(300) }]) {
        const raw = new RawPeer(await webSocket(url).open(FRAME))
        if (typeof hello === 'object' && hello !== null && Object.keys(hello).length > 0) raw.hello(hello)
        else raw.send(Op.Hello, hello)
        expect(['protocol', 'version']).toContain((await raw.closed).code)
      }
    }))

  test('closes the link of a malformed, oversized or too deep frame with a code, and no other', () =>
    withServer({}, {}, async (url, client) => {
      const peer = await client.connect<typeof probes>(webSocket(url))
      const probe = await peer.spawn('Probe')
      const deep: unknown[] = []
      for (let inner = deep, level = 0; level < 200; level++) inner.push((inner = []))
      const attacks: [string, (raw: RawPeer, actor: { readonly index: number }) => void][] = [
        ['malformed', (raw) => raw.sendRaw(Uint8Array.of(0xff, 0xff))],
        ['malformed', (raw) => raw.sendRaw(Uint8Array.of(Op.Call))],
        ['malformed', (raw) => raw.sendRaw('text')],
        ['protocol', (raw) => raw.send(31)],
        ['too-large', (raw) => raw.sendRaw(new Uint8Array(FRAME + 1))],
        [
          'too-large',
          (raw, actor) =>
            raw.call(
              1,
              actor,
              'echo',
              Array.from({ length: 100_001 }, () => 0),
            ),
        ],
        ['too-deep', (raw, actor) => raw.call(1, actor, 'echo', deep)],
        ['malformed', (raw, actor) => raw.call(1, actor, 'x'.repeat(300))],
      ]
      for (const [code, attack] of attacks) {
        const raw = new RawPeer(await webSocket(url).open(FRAME))
        await raw.shakeHands()
        attack(raw, await raw.spawn('Probe'))
        expect(await raw.closed, `${code} for ${String(attack)}`).toMatchObject({ code })
        expect(await probe.add(1, 1)).toBe(2)
      }
    }))

  test('tells the sender which limit a value is over, and the link stays', () =>
    withServer({}, {}, async (url, client) => {
      const probe = await (await client.connect<typeof probes>(webSocket(url))).spawn('Probe')
      const deep: unknown[] = []
      for (let inner = deep, level = 0; level < 200; level++) inner.push((inner = []))
      await expect(probe.echo(new Uint8Array(FRAME + 1))).rejects.toMatchObject({
        code: 'too-large',
        message: expect.stringContaining("'frame'"),
      })
      await expect(probe.echo(Array.from({ length: 100_001 }, () => 0))).rejects.toMatchObject({
        code: 'too-large',
        message: expect.stringContaining("'nodes'"),
      })
      await expect(probe.echo(deep)).rejects.toMatchObject({
        code: 'too-deep',
        message: expect.stringContaining("'depth'"),
      })
      expect(await probe.add(1, 1)).toBe(2)
    }))

  test('refuses origins that are not on the list, exactly', () =>
    withServer({ origins: ['https://app.example'] }, {}, async (url) => {
      const status = (origin?: string): Promise<number> =>
        new Promise((resolve) => {
          const socket = new WebSocket(url, origin === undefined ? {} : { origin })
          socket.on('error', () => {})
          socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
          socket.on('open', () => {
            resolve(101)
            socket.close()
          })
        })
      expect(await status('https://app.example')).toBe(101)
      expect(await status()).toBe(101)
      for (const origin of [
        'http://app.example',
        'https://app.example:444',
        'https://app.example.evil',
        'https://APP.example',
        'null',
      ]) {
        expect(await status(origin), origin).toBe(403)
      }
    }))

  test.each([['x'], [['https://app.example/']], [['app.example']], [[1]]])(
    'takes no origins that a browser would not send: %o',
    async (origins: unknown) => {
      await using dispatcher = new Dispatcher()
      const listening = dispatcher.listen(webSocketServer({ origins: origins as string[] }))
      await expect(listening).rejects.toMatchObject({ code: 'malformed' })
    },
  )

  test('tells the log which origin was refused and what lets it in, once for each and of 20 at most', async () => {
    const log: string[] = []
    const dispatcher = new Dispatcher({ log: ({ error }) => log.push(String(error)) })
    const { port } = await dispatcher.listen(webSocketServer({ port: 0 }))
    const knock = (origin: string): Promise<unknown> =>
      new Promise((resolve) => new WebSocket(`ws://127.0.0.1:${port}/`, { origin }).once('error', resolve))
    for (let n = 0; n < 3; n++) await knock('http://localhost:5173')
    expect(log).toEqual([
      'ActorError: [troupe] a page of http://localhost:5173 may not connect; ' +
        'name that origin in webSocketServer({ origins: […] }) to let it in',
    ])
    await knock('http://\u009b2J.example')
    expect(log[1]).toContain('a page of http://?2J.example may')
    for (let n = 0; n < 30; n++) await knock(`http://${n}.example`)
    expect(log).toHaveLength(20)
    await dispatcher.close()
  })

  test('allows only its own host unless told', () =>
    withServer({}, {}, async (url, client) => {
      const host = url.slice('ws://'.length)
      const own = new WebSocket(url, { origin: `http://${host}` })
      await new Promise((resolve) => own.once('open', resolve))
      own.close()
      const foreign = new WebSocket(url, { origin: 'http://evil.example' })
      expect(await new Promise((resolve) => foreign.once('error', (error) => resolve(error.message)))).toMatch('403')
      await (await client.connect(webSocket(url))).close()
    }))

  test('attaches to an existing server, and leaves other paths alone', async () => {
    const http = createServer((_, response) => response.end('page'))
    let others = 0
    http.on('upgrade', (request, socket) => {
      if (request.url === '/other') {
        others++
        socket.end('HTTP/1.1 418 Teapot\r\n\r\n')
      }
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    const server = new Dispatcher({ log: () => {} })
    const listened = await server.listen(webSocketServer({ server: http, path: '/troupe' }), { actors: probes })
    expect(listened.port).toBe(port)
    const client = new Dispatcher()
    const peer = await client.connect<typeof probes>(webSocket(`ws://127.0.0.1:${port}/troupe?x=1`))
    expect(await (await peer.spawn('Probe')).add(1, 2)).toBe(3)
    await expect(client.connect(webSocket(`ws://127.0.0.1:${port}/other`))).rejects.toMatchObject({
      code: 'unreachable',
    })
    expect(others).toBe(1)
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('page')
    await client.close()
    await server.close()
    expect(http.listening).toBe(true)
    await new Promise((resolve) => http.close(resolve))
  })

  test('does not let a peer stop what it did not spawn, unless granted control', () =>
    withServer({}, { authorize: ({ token }) => ({ control: token === 'root' }) }, async (url, client, server) => {
      await server.spawn(probes.Probe, { name: 'precious' })
      const { stop } = await import('../../core/index.js')
      const peer = await client.connect(webSocket(url))
      const precious = (await peer.lookup('precious'))!
      await expect(stop(precious)).rejects.toMatchObject({ code: 'unauthorized' })
      await peer.close()
      const root = await client.connect(webSocket(url, { token: 'root' }))
      await stop((await root.lookup('precious'))!)
      expect(await root.lookup('precious')).toBeUndefined()
    }))

  test('closes in time where the platform does not say that it closed', async () => {
    const server = new Dispatcher()
    await server.listen(webSocketServer({ port: 0 }))
    const closing = vi.spyOn(Server.prototype, 'close').mockReturnThis()
    try {
      const start = performance.now()
      await server.close()
      expect(closing).toHaveBeenCalled()
      expect(performance.now() - start).toBeLessThan(4_000)
    } finally {
      const servers = closing.mock.contexts as Server[]
      closing.mockRestore()
      for (const each of servers) each.close()
    }
  })

  test('cuts what it refused and what never asked, if that stays, when it closes', async () => {
    const server = new Dispatcher({ log: () => {} })
    const { port } = await server.listen(webSocketServer({ port: 0 }))
    const [refused, mute] = [0, 1].map(() => net.connect({ port: port!, host: '127.0.0.1', allowHalfOpen: true }))
    const headers = ['Connection: Upgrade', 'Upgrade: websocket', 'Host: localhost', 'Origin: http://elsewhere.example']
    refused!.write(`GET / HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
    const [answer] = (await once(refused!, 'data')) as [Buffer]
    expect(String(answer)).toContain('403')
    for (const socket of [refused!, mute!]) socket.on('error', () => {}).resume()
    const start = performance.now()
    await server.close()
    expect(performance.now() - start).toBeLessThan(4_000)
    for (const socket of [refused!, mute!]) socket.destroy()
  })

  test.each(['client', 'server'] as const)('that is silent is cut soon after the %s closed', async (closing) => {
    await using server = new Dispatcher({ log: () => {} })
    const { port } = await server.listen(webSocketServer({ port: 0 }), { actors: probes })
    // What goes through this stops when it is told.
    const sockets: net.Socket[] = []
    const between = net.createServer((near) => {
      const far = net.connect(port!, '127.0.0.1')
      near.pipe(far).pipe(near)
      sockets.push(near, far)
    })
    await once(between.listen(0, '127.0.0.1'), 'listening')
    const client = new Dispatcher()
    const peer = await client.connect(webSocket(`ws://127.0.0.1:${(between.address() as AddressInfo).port}`))
    await peer.names()
    const [near, far] = sockets as [net.Socket, net.Socket]
    for (const socket of sockets)
      socket
        .on('error', () => {})
        .unpipe()
        .resume()
    const start = performance.now()
    const cut = once(closing === 'client' ? near : far, 'close')
    if (closing === 'client') await client.close()
    else await server.peers[0]!.close()
    await cut
    expect(performance.now() - start).toBeLessThan(10_000)
    for (const socket of sockets) socket.destroy()
    between.close()
    await client.close()
  })

  test('takes a URL, and nothing else', async () => {
    await using dispatcher = new Dispatcher()
    for (const url of [undefined, null, {}, 8080]) {
      const error = await dispatcher.connect(webSocket(url as never)).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'malformed' })
      expect(String(error)).toContain("such as 'wss://example.org'")
    }
    const nowhere = dispatcher.connect(webSocket('nowhere'))
    await expect(nowhere).rejects.toMatchObject({ code: 'malformed', ran: 'no', cause: expect.any(Error) as Error })
  })

  test('is served on a port or an HTTP server, and nothing else', async () => {
    await using dispatcher = new Dispatcher()
    for (const options of [
      undefined,
      null,
      8080,
      { server: {} },
      { server: 'http' },
      { port: 65_536 },
      { port: 'x' },
      { port: NaN },
      { host: '' },
      { host: null },
      { path: 5 },
      { server: 0 },
    ]) {
      const error = await dispatcher.listen(webSocketServer(options as never)).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'malformed' })
      expect(String(error)).toContain('webSocketServer')
    }
  })

  test('cannot be reached: connect says so', async () => {
    const dispatcher = new Dispatcher()
    await expect(dispatcher.connect(webSocket('ws://127.0.0.1:9'))).rejects.toMatchObject({ code: 'unreachable' })
  })

  test('is given up when the dispatcher closes, though the server says nothing', async () => {
    const silent = net.createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const asked = once(silent, 'connection') as Promise<[net.Socket]>
    const dispatcher = new Dispatcher()
    const connecting = dispatcher.connect(webSocket(`ws://127.0.0.1:${(silent.address() as AddressInfo).port}`))
    const refusal = connecting.catch((error: unknown) => error)
    const [socket] = await asked
    await dispatcher.close()
    expect(await refusal).toMatchObject({ code: 'stopped' })
    await once(socket.resume(), 'close')
    silent.close()
  })
})
