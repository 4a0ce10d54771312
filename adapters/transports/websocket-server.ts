import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { clearTimeout, setTimeout } from 'node:timers'
import { WebSocketServer } from 'ws'
import {
  ActorError,
  type Listener,
  listener,
  type Listening,
  paced,
  sessions,
  type Transport,
} from '../../core/adapter.js'
import { cut } from '../base/cut.js'
import { given, has } from '../base/given.js'
import { SocketTransport } from '../base/socket.js'

/** The part of an HTTP(S) server that is used. */
export interface HttpServer {
  on(event: 'upgrade', listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): unknown
  off(event: 'upgrade', listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): unknown
  listeners(event: 'upgrade'): readonly object[]
  address(): AddressInfo | string | null
}

/** The options of `webSocketServer`. */
export interface WebSocketServerOptions {
  /** Port of a new server; 0, the default, for any free one. Not used with `server`. */
  readonly port?: number
  /** Interface of a new server. `127.0.0.1` unless given: only this machine can connect. */
  readonly host?: string
  /**
   * An existing HTTP server. Its upgrades for other paths are left to its other listeners, and get the status 404 if it has
   * none. It is not closed.
   */
  readonly server?: HttpServer
  /** The only path to answer. Unless given: any path on a new server, `/` on an existing one. */
  readonly path?: string
  /**
   * Origins whose pages may connect, exactly as browsers send them: `https://example.org`. The server's own host
   * unless given.
   */
  readonly origins?: readonly string[]
}

/**
 * Accepts peers over WebSockets.
 *
 * Returns what `listen` takes, which rejects with `unreachable` if the port can't be used. A browser from an origin
 * that is not in `origins` gets the status 403, and the log says so, once for each of the first 20 such origins.
 */
export function webSocketServer(options: WebSocketServerOptions): Listener {
  return listener((accept, frame, refused) => open(options, accept, frame, refused), sessions, paced)
}

/** Origins of which the log tells: one line each, however often they come. */
const TOLD = 20
/** Milliseconds that a request may take to come. */
const SLOWEST = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 }
/** Bytes that a peer may send before it is let in: four payloads of the handshake, and what frames them. */
const EARLY = 20_000
/** Bytes that it may still send once the connection is being closed: what an honest one has under way, by its window. */
const LATE = 4 * 1024 * 1024
/** Headers that a proxy adds. */
const PROXIED = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip']
/** The listeners for upgrades, with the path that each answers. */
const ANSWERED = new WeakMap<object, string | undefined>()
/** Milliseconds that connections have to end, when they are refused or the server closes. */
const TIMEOUT = 1_000

async function open(
  options: WebSocketServerOptions,
  accept: (transport: Transport) => void,
  frame: number,
  refused: (reason: ActorError) => void,
): Promise<Listening> {
  if (
    typeof options !== 'object' ||
    !options ||
    (options.server !== undefined && !has(options.server, 'on', 'off', 'listeners', 'address'))
  )
    throw new ActorError(
      'malformed',
      'webSocketServer takes { port: 8080 }, or { server } with an HTTP server of Node, ' +
        `not ${options?.server !== undefined ? `{ server: ${given(options.server)} }` : given(options)}`,
    )
  checkOrigins(options.origins)
  const { port = 0 } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new ActorError('malformed', `webSocketServer takes a 'port' from 0 to 65535, not ${given(port)}`)
  for (const name of ['host', 'path'] as const) {
    const value: unknown = options[name]
    // An empty host would be every interface.
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      throw new ActorError('malformed', `webSocketServer takes a text as '${name}', not ${given(value)}`)
  }
  const sockets = new WebSocketServer({ noServer: true, maxPayload: frame, perMessageDeflate: false })
  const own = options.server
    ? undefined
    : createServer(SLOWEST, (_, response) => response.writeHead(426).end('WebSocket only\n'))
  const server: HttpServer = options.server ?? own!
  const path = options.path ?? (own ? undefined : '/')
  const told = new Set<string>()
  const tell = (origin: string): void => {
    if (told.size >= TOLD || told.has(origin)) return
    told.add(origin)
    const shown = origin.slice(0, 200).replace(/[^ -~]/g, '?')
    const text = `a page of ${shown} may not connect; name that origin in webSocketServer({ origins: […] }) to let it in`
    refused(new ActorError('origin', text))
  }
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const asked = pathOf(request)
    if (path !== undefined && asked !== path) {
      if (isUnanswered(server, asked)) refuse(socket, '404 Not Found')
      return
    }
    if (!isAllowed(request, options.origins)) {
      tell(request.headers.origin!)
      return refuse(socket, '403 Forbidden')
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const facts = { origin: request.headers.origin, request, loopback: isLoopback(request) }
      const admitted = bound(request.socket, EARLY)
      const cutLate = (): void => {
        cut(webSocket)
        bound(request.socket, LATE)
      }
      accept(new SocketTransport(webSocket, { facts, admitted, cut: cutLate }))
    })
  }
  ANSWERED.set(upgrade, path)
  server.on('upgrade', upgrade)
  const connections = new Set<Socket>()
  own?.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  if (own) await listen(own, options)
  const address = server.address()
  return {
    ...(typeof address === 'object' && address ? { address: address.address, port: address.port } : {}),
    close: async () => {
      server.off('upgrade', upgrade)
      sockets.close()
      if (own) await end(own, connections)
    },
  }
}

/** Throws `malformed` for anything that no browser would send. */
function checkOrigins(origins: unknown): void {
  if (origins === undefined) return
  const isOrigin = (origin: unknown): boolean =>
    origin === 'null' || (typeof origin === 'string' && /^[a-z][a-z\d+.-]*:\/\/[^/\s]+$/.test(origin))
  if (!Array.isArray(origins) || !origins.every(isOrigin))
    throw new ActorError(
      'malformed',
      "webSocketServer takes 'origins' as browsers send them, without a path or a slash at the end: ['https://example.org']",
    )
}

function listen(server: Server, { port = 0, host = '127.0.0.1' }: WebSocketServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new ActorError('unreachable', `cannot listen on ${host}:${port}`, { cause: error })),
    )
    try {
      server.listen(port, host, resolve)
    } catch (error) {
      reject(new ActorError('malformed', `webSocketServer cannot listen on ${host}:${port}`, { cause: error }))
    }
  })
}

/** Closes a server. Not every runtime says when that is done, and connections that don't end in time are cut. */
function end(server: Server, connections: Iterable<Socket>): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      for (const socket of connections) socket.destroy()
      resolve()
    }, TIMEOUT)
    server.close(() => {
      clearTimeout(late)
      resolve()
    })
  })
}

/** Cuts a connection that sends more than so many bytes from now on. Returns the undo. */
function bound(socket: Socket, bytes: number): () => void {
  const most = socket.bytesRead + bytes
  const read = (): void => {
    if (socket.bytesRead > most) socket.destroy()
  }
  socket.on('data', read)
  return () => void socket.off('data', read)
}

/** Whether all listeners of a server are of this module, for other paths. Then nobody else ends the connection. */
const isUnanswered = (server: HttpServer, path: string): boolean =>
  server.listeners('upgrade').every((each) => ANSWERED.has(each) && ANSWERED.get(each) !== path)

function refuse(socket: Duplex, status: string): void {
  // The listener of another path may have done so.
  if (!socket.writable) return
  socket.on('error', () => {})
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  // The other end may keep its half open.
  setTimeout(() => socket.destroy(), TIMEOUT).unref()
}

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0]!

/** Browsers always send their origin; a request without one goes on to `authorize`. */
function isAllowed({ headers: { origin, host } }: IncomingMessage, origins: readonly string[] | undefined): boolean {
  if (origin === undefined) return true
  if (origins) return origins.includes(origin)
  return origin === `http://${host}` || origin === `https://${host}`
}

/**
 * Not so behind a proxy, which makes every peer look local, nor under a name that only resolves to here:
 * a page of that name would be of our own host.
 */
function isLoopback({ socket, headers }: IncomingMessage): boolean {
  const address = socket.remoteAddress ?? ''
  const isLocal = address === '::1' || /^(::ffff:)?127\./.test(address)
  const isNamedLocal = /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(headers.host ?? '')
  return isLocal && isNamedLocal && PROXIED.every((name) => headers[name] === undefined)
}
