import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { type BrokerServer, startBroker } from '../adapters/fixtures/broker-server.js'
import { accepts, freePort } from '../adapters/fixtures/ports.js'
import { webServer } from '../demo/web-server.js'
import { snippets } from './snippets.js'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What the page of a test has of the page of the guide. */
const PAGE = `
import { wsconnect } from '@nats-io/nats-core'
import { Dispatcher } from 'troupe'
import { nats } from 'troupe/nats'
import { sharded } from 'troupe/sharded'
import { enter, follow } from './rooms-page.ts'
import { enterAsLeaf } from './rooms-leaf.ts'

async function enterAsMember(servers) {
  const connection = await wsconnect({ servers, maxReconnectAttempts: -1 })
  const dispatcher = new Dispatcher()
  const joined = await dispatcher.join(nats(connection, { prefix: 'chat' }))
  window.members = () => joined.peers.length
  return sharded(dispatcher, 'LiveRoom')
}
window.enter = async (how, who, by) => {
  const rooms = await { page: enter, leaf: enterAsLeaf, member: enterAsMember }[how](by)
  window.who = who
  window.lines = []
  window.room = rooms.get('lobby')
  follow(window.room, (line) => window.lines.push(line))
}
`

/** The example of the guide: three processes behind one port, with NATS, and a page that can enter a room. */
export class Rooms {
  readonly url: string
  readonly broker: BrokerServer
  readonly #main: ChildProcess
  readonly #web: Server

  constructor(broker: BrokerServer, main: ChildProcess, web: Server, url: string) {
    this.broker = broker
    this.#main = main
    this.#web = web
    this.url = url
  }

  static async start(key: string): Promise<Rooms> {
    const broker = await startBroker('nats')
    const port = await freePort()
    const folder = here(`../.cache/rooms-${port}/`)
    const pages = `ws://127.0.0.1:${port}`
    const forPages = `ws://127.0.0.1:${broker.pagePort}`
    const keyless: Record<string, string> = key ? {} : { ", key: process.env['CLUSTER_KEY']!": '' }
    const shown = {
      ...keyless,
      '8080': String(port),
      'wss://chat.example.org': pages,
      'wss://nats.example.org': forPages,
    }
    mkdirSync(folder, { recursive: true })
    const edited = (text: string): string =>
      Object.entries(shown).reduce((code, [one, other]) => code.replaceAll(one, other), text)
    for (const [name, code] of snippets)
      if (/^(?:rooms-|live-room)/.test(name)) writeFileSync(folder + name, edited(code))
    writeFileSync(`${folder}main.ts`, PAGE)
    writeFileSync(
      `${folder}index.html`,
      '<!doctype html><title>rooms</title><script type="module" src="./main.ts"></script>',
    )
    await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      build: { outDir: 'page', target: 'es2022', modulePreload: { polyfill: false } },
    })
    const connect = [pages, forPages]
    const { server: web, url, origins } = await webServer({ root: `${folder}page`, port: 0, connect })
    const server = `${folder}rooms-server.ts`
    writeFileSync(server, readFileSync(server, 'utf8').replace('https://chat.example.org', origins[0]!))
    await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      build: { outDir: 'server', target: 'node20', ssr: server, rollupOptions: { external: /^(?:troupe|@nats-io)\b/ } },
    })
    const env = { ...process.env, NATS_URL: `127.0.0.1:${broker.port}`, ...(key && { CLUSTER_KEY: key }) }
    const main = spawn(process.execPath, [`${folder}server/rooms-server.js`], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env,
    })
    while (main.exitCode === null && !(await accepts(port))) await setTimeout(20)
    main.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    return new Rooms(broker, main, web, url)
  }

  /** The processes behind the port. On Linux only: it is read from the process table. */
  processes(): number[] {
    const { pid } = this.#main
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  }

  /** As an operator ends it. Resolves to the code that it ends with. */
  async stop(): Promise<number | null> {
    if (this.#main.exitCode !== null) return this.#main.exitCode
    const exited = once(this.#main, 'exit')
    this.#main.kill('SIGTERM')
    await exited
    return this.#main.exitCode
  }

  async dispose(): Promise<void> {
    const children = this.#main.exitCode === null && this.#main.signalCode === null ? this.processes() : []
    for (const pid of children) process.kill(pid, 'SIGKILL')
    this.#main.kill('SIGKILL')
    this.#web.close()
    await this.broker.dispose()
  }
}
