// What `webSocketServer({ server, path })` does to an HTTP server that others use, too.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Dispatcher } from '../../core/index.js'
import { probes } from '../../core/testing/index.js'
import { RawPeer } from '../../core/testing/raw-peer.js'
import { SocketTransport } from '../base/socket.js'
import { webSocket } from './websocket.js'
import { webSocketServer } from './websocket-server.js'

const deferred = (): { promise: Promise<void>; resolve: () => void } => {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}

describe('an existing HTTP server', () => {
  let http: Server
  let sockets: Socket[]
  let port: number
  let server: Dispatcher
  let client: Dispatcher

  beforeEach(async () => {
    http = createServer(({ url: path }, response) => response.end(`page ${path}`))
    sockets = []
    http.on('connection', (socket) => sockets.push(socket))
    await once(http.listen(0, '127.0.0.1'), 'listening')
    port = (http.address() as AddressInfo).port
    server = new Dispatcher({ log: () => {} })
    client = new Dispatcher()
  })

  afterEach(async () => {
    await client.close()
    await server.close()
    for (const socket of sockets) socket.destroy()
    http.close()
  })

  const url = (path: string): string => `ws://127.0.0.1:${port}${path}`
  const page = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/hello`)).text()

  /** The status and the text of the answer to a request for another protocol, when the server has ended the connection. */
  async function upgrade(path: string, protocol = 'websocket', more = ''): Promise<string> {
    const socket = net.connect(port, '127.0.0.1')
    const lines = [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: Upgrade', `Upgrade: ${protocol}`]
    socket.write(`${lines.join('\r\n')}\r\n${more}\r\n`)
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    return text
  }

  test('answers upgrades that have no other listener', async () => {
    await server.listen(webSocketServer({ server: http, path: '/actors' }), { actors: probes })
    expect(await upgrade('/other')).toMatch(/^HTTP\/1.1 404 Not Found\r\n/)
    expect(await upgrade('/actors/other')).toMatch(/^HTTP\/1.1 404 /)
    expect(await upgrade('/', 'h2c')).toMatch(/^HTTP\/1.1 404 /)
    expect(await page()).toBe('page /hello')
  })

  test('takes several at their own paths, and answers the other paths once', async () => {
    const second = new Dispatcher({ log: () => {} })
    await server.listen(webSocketServer({ server: http, path: '/a' }), { actors: { A: probes.Probe } })
    await second.listen(webSocketServer({ server: http, path: '/b' }), { actors: { B: probes.Probe } })
    const a = await client.connect<{ A: typeof probes.Probe }>(webSocket(url('/a')))
    const b = await client.connect(webSocket(url('/b?x=1')))
    expect([a.id, b.id]).toEqual([server.id, second.id])
    expect([a.actors, b.actors]).toEqual([['A'], ['B']])
    expect((await upgrade('/c')).match(/HTTP\/1.1 404/g)).toHaveLength(1)
    await second.close()
    expect(await upgrade('/b')).toMatch(/^HTTP\/1.1 404 /)
    expect(await (await a.spawn('A')).add(1, 2)).toBe(3)
  })

  test('leaves other paths to a listener that answers later, also when it has closed', async () => {
    const others = new WebSocketServer({ noServer: true })
    const isTime = deferred()
    http.on('upgrade', (request, socket, head) => {
      if (request.url === '/actors') return
      void isTime.promise.then(() =>
        others.handleUpgrade(request, socket, head, (other) => other.on('message', (data) => other.send(data))),
      )
    })
    const listened = await server.listen(webSocketServer({ server: http, path: '/actors' }), { actors: probes })
    const other = new WebSocket(url('/other'))
    const peer = await client.connect<typeof probes>(webSocket(url('/actors')))
    expect(await (await peer.spawn('Probe')).add(1, 2)).toBe(3)
    isTime.resolve()
    await once(other, 'open')
    // It would look for the server again, at a path that nobody answers any more.
    await client.close()
    await listened.close()
    other.send('still here')
    expect(String((await once(other, 'message'))[0])).toBe('still here')
    other.terminate()
    expect(http.listening).toBe(true)
    expect(await page()).toBe('page /hello')
  })

  test('answers at / unless there is a path', async () => {
    await server.listen(webSocketServer({ server: http }), { actors: probes })
    const peer = await client.connect<typeof probes>(webSocket(url('/?x=1')))
    expect(await (await peer.spawn('Probe')).add(1, 2)).toBe(3)
    expect(await upgrade('/actors')).toMatch(/^HTTP\/1.1 404 /)
  })

  test('refuses foreign pages at its path', async () => {
    const options = { server: http, path: '/actors', origins: ['https://shop.example'] }
    await server.listen(webSocketServer(options), { actors: probes })
    expect(await upgrade('/actors', 'websocket', 'Origin: https://evil.example\r\n')).toMatch(/^HTTP\/1.1 403 /)
  })

  test('hands the request of each connection to authorize, with its cookies and its address', async () => {
    const seen: unknown[] = []
    const authorize = ({ request }: { request?: unknown }): boolean => {
      const { headers, socket, url: path } = request as IncomingMessage
      return seen.push(path, headers.cookie, headers['x-forwarded-for'], socket.remoteAddress) > 0
    }
    await server.listen(webSocketServer({ server: http, path: '/actors' }), { actors: probes, authorize })
    const headers = { cookie: 'session=s1', 'x-forwarded-for': '203.0.113.7' }
    const socket = new WebSocket(url('/actors?x=1'), { headers })
    const peer = new RawPeer(new SocketTransport(socket))
    await once(socket, 'open')
    await peer.shakeHands()
    expect(seen).toEqual(['/actors?x=1', 'session=s1', '203.0.113.7', '127.0.0.1'])
    socket.terminate()
  })
})
