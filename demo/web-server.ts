import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, sep } from 'node:path'

const HOST = '127.0.0.1'

// It also gives the page the fine clock that microseconds are measured with.
const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export interface WebServerOptions {
  /** Folder of the built page; read once, at the start. */
  readonly root: string
  /** 0 for any free one. */
  readonly port: number
  /** Further files by path, `/broken.js`, and their text. */
  readonly extra?: Readonly<Record<string, string>>
  /** Further sources that the page may connect to. */
  readonly connect?: readonly string[]
  /** Further sources that the page may show in frames. */
  readonly frames?: readonly string[]
  /** Origins whose pages may show this one in a frame; read with each request. */
  readonly ancestors?: readonly string[]
  /** Whether pages are cross-origin isolated, as they are unless told. */
  readonly isolated?: boolean
}

export interface WebServer {
  readonly server: Server
  readonly url: string
  /** The origins under which a browser on this machine finds it. */
  readonly origins: readonly string[]
}

interface File {
  readonly type: string
  readonly body: Buffer | string
}

/** Serves a folder on the loopback interface, under a policy that allows nothing but the page's own files. */
export async function webServer(options: WebServerOptions): Promise<WebServer> {
  const { root, port, extra = {} } = options
  const files = filesOf(root)
  for (const [path, body] of Object.entries(extra)) files.set(path, { type: typeOf(path), body })
  const server = createServer((request, response) => answer(request, response, files, hosts, options))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, HOST, resolve))
  const bound = (server.address() as AddressInfo).port
  const hosts = [`${HOST}:${bound}`, `localhost:${bound}`]
  return { server, url: `http://${HOST}:${bound}/`, origins: hosts.map((host) => `http://${host}`) }
}

// Only what was there at the start is served, by exact path: there is no path to walk out of.
function filesOf(root: string): Map<string, File> {
  const files = new Map<string, File>()
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const file = join(root, name)
    if (!statSync(file).isFile()) continue
    files.set(`/${name.split(sep).join('/')}`, { type: typeOf(name), body: readFileSync(file) })
  }
  const index = files.get('/index.html')
  return index ? files.set('/', index) : files
}

const typeOf = (name: string): string => TYPES[extname(name)] ?? 'application/octet-stream'

function answer(
  { method, url = '/', headers: { host } }: IncomingMessage,
  response: ServerResponse,
  files: ReadonlyMap<string, File>,
  hosts: readonly string[],
  options: WebServerOptions,
): void {
  const refuse = (status: number): void =>
    void response.writeHead(status, { 'content-type': 'text/plain' }).end(`${status}\n`)
  // Another name for this address is DNS rebinding.
  if (host === undefined || !hosts.includes(host)) return refuse(421)
  if (method !== 'GET' && method !== 'HEAD') return refuse(405)
  const file = files.get(url.split('?', 1)[0]!)
  for (const [name, value] of Object.entries(headersFor(host, options))) response.setHeader(name, value)
  if (!file) return refuse(404)
  response.writeHead(200, { 'content-type': file.type, 'content-length': Buffer.byteLength(file.body) })
  response.end(method === 'HEAD' ? undefined : file.body)
}

function headersFor(
  host: string,
  { connect = [], frames = [], ancestors = [], isolated = true }: WebServerOptions,
): Record<string, string> {
  const policy = [
    "default-src 'self'",
    "script-src 'self'",
    "worker-src 'self'",
    ["connect-src 'self'", `ws://${host}`, ...connect].join(' '),
    ["frame-src 'self'", ...frames].join(' '),
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors.length > 0 ? ancestors.join(' ') : "'none'"}`,
  ]
  return {
    'content-security-policy': policy.join('; '),
    ...(isolated && ISOLATION),
    'cross-origin-resource-policy': ancestors.length > 0 ? 'cross-origin' : 'same-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  }
}
