// What an application bundles of dist/lean with each bundler, minified and compressed, against a limit.
//   node .ci/size.mjs             fails above a limit, where Node's parts got in, and where a module did whose room has no
//                                 place in the bundle
//   node .ci/size.mjs --modules   and what each module takes, as minified alone
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { minify } from 'vite'
import { BUNDLERS } from './bundlers.mjs'

// In a function: around an `await` at the top level, webpack and Rspack bundle each module by itself.
const calls = (entry, transport, more = '', options = '') => `
  import { Dispatcher, ask, tell } from 'troupe'
  import { ${transport.slice(0, transport.indexOf('('))} } from 'troupe/${entry}'
  async function main() {
    const dispatcher = new Dispatcher()
    const worker = await dispatcher.connect(${transport}${options})
    const counter = await worker.spawn('Counter', { args: [10] })
    tell(counter).increment()
    console.log(await counter.increment(), await ask(counter, { timeout: 500 }).increment())${more}
  }
  void main()
`
const WORKER = `webWorker(() => new Worker('worker.js', { type: 'module' }))`
const STREAM = `
    await counter.watch((count) => console.log(count))
    for await (const count of counter.countTo(16)) console.log(count)`
const POOL = `
  import { Dispatcher, ask, tell } from 'troupe'
  import { pool } from 'troupe/pool'
  import { webWorker } from 'troupe/web-worker'
  async function main() {
    const dispatcher = new Dispatcher()
    const workers = pool(dispatcher, { connect: () => ${WORKER} })
    const counter = workers.spawn('Counter', { args: [10] })
    tell(counter).increment()
    console.log(await counter.increment(), await ask(counter, { timeout: 500 }).increment())
  }
  void main()
`
const GROUP = `
    const room = group(dispatcher, 'room')
    room.tell.increment()
    for await (const reply of room.all.increment()) console.log(reply)
    console.log(await room.any.increment())`
const SHARED = `
    const lock = await dispatcher.lookup('lock')
    const held = await acquire(lock)
    console.log(held.token)
    await held.release()`
const HOST = `
  import { Actor } from 'troupe'
  import { host } from 'troupe/web-worker'
  class Counter extends Actor {
    count = 0
    increment(by = 1) {
      return (this.count += by)
    }
  }
  host({ Counter })
`
const INTERCEPTED = `
  import { Actor } from 'troupe'
  import { before, intercept, validate } from 'troupe/interceptors'
  import { host } from 'troupe/web-worker'
  class Counter extends Actor {
    count = 0
    increment(by = 1) {
      return (this.count += by)
    }
  }
  intercept(Counter, before(({ method }) => console.log(method)))
  intercept(Counter, validate({ increment: [] }))
  host({ Counter })
`
const CART = (more = '', get = `dispatcher.spawn(Cart, { name: 'cart' })`) => `
  import { Actor, Dispatcher } from 'troupe'
  import { durable, memoryStore } from 'troupe/durable'${more}
  class Cart extends Actor {
    static durable = durable({ store: memoryStore })
    items = []
    add(item) {
      return this.items.push(item)
    }
    snapshot() {
      return this.items
    }
    restore(items) {
      this.items = items
    }
  }
  async function main() {
    const dispatcher = new Dispatcher()
    const cart = await ${get}
    console.log(await cart.add('milk'))
  }
  void main()
`
const SINGLETON = CART(
  `
  import { singleton } from 'troupe/singleton'`,
  `singleton(dispatcher, Cart, { name: 'cart' })`,
)

const joins = (entry) => `
  import { Dispatcher } from 'troupe'
  import { ${entry} } from 'troupe/${entry}'
  async function main() {
    const dispatcher = new Dispatcher()
    await dispatcher.join(${entry}(globalThis.client))
    const counter = await dispatcher.lookup('counter')
    console.log(await counter.increment())
  }
  void main()
`
const storing = (entry, store) => `
  import { ${store} } from 'troupe/${entry}'
  async function main() {
    const store = ${store}('cart')
    console.log(await store.read('cart/'), await store.commit([{ changes: [] }]))
  }
  void main()
`
const IDB = `
  import { openDB } from 'idb'
  void openDB('cart', 1, { upgrade: (database) => void database.createObjectStore('records') })
`
const MOVES = `
  import { Actor } from 'troupe'
  import { movable } from 'troupe/move'
  import { host } from 'troupe/web-worker'
  class Counter extends Actor {
    static movable = movable('Counter')
    count = 0
    increment(by = 1) {
      return (this.count += by)
    }
    snapshot() {
      return this.count
    }
    restore(count) {
      this.count = count
    }
  }
  host({ Counter })
`

/** The rooms that calls need: folders below dist/lean, each without its subfolders. */
const CALLING = [
  'core',
  'core/ground',
  'core/message',
  'core/proxy',
  'core/wire',
  'core/transport',
  'core/remote',
  'core/link',
  'core/link/session',
  'core/link/references',
  'core/link/calls',
  'core/link/streams',
  'core/directory',
  'core/realm',
  'core/peers',
  'adapters/base',
  'adapters/transports',
]
const HOSTING = [...CALLING, 'core/mailbox', 'core/supervision', 'core/actor', 'core/shortcuts', 'core/serving']
const JOINING = [...HOSTING, 'core/bus', 'adapters/brokers']
const STORING = ['core/ground', 'adapters/base', 'adapters/stores']
/** How bytes are written: only where they are what the transport carries, or were asked for. */
const BYTES = /\/byte-(?:sink|source)\.js$/
/** What starts a realm again: only where a connector can do so. */
const RETURNING = /\/returning\.js$/
/** What proves a shared key: only where there is one. */
const PROVING = /\/mutual-proof\.js$/

/** Limits in gzipped bytes: what was measured, and about 1 % to grow; `most`, what it may have more than another one. */
const BUNDLES = [
  // goal: 22,000
  {
    name: 'calls',
    what: 'calls to a Web Worker',
    source: calls('web-worker', WORKER),
    limit: 32_980,
    rooms: CALLING,
    returns: true,
  },
  // goal: 24,000
  {
    name: 'streams',
    what: 'the same, with a callback and a stream',
    source: calls('web-worker', WORKER, STREAM),
    limit: 33_000,
    rooms: CALLING,
    returns: true,
  },
  // goal: 3,000 more than calls
  {
    name: 'pool',
    what: 'calls to a pool of Web Workers',
    source: POOL,
    limit: 38_420,
    rooms: [...CALLING, 'core/pool', 'core/routing'],
    returns: true,
  },
  // goal: 2,000 more than calls
  {
    name: 'group',
    what: 'calls to a Web Worker, and to a group',
    source: `import { group } from 'troupe/group'${calls('web-worker', WORKER, GROUP)}`,
    limit: 35_650,
    rooms: [...CALLING, 'core/group', 'core/routing'],
    returns: true,
  },
  // goal: 1,000 more than calls
  {
    name: 'shared',
    what: 'the same as calls, with a lock that is acquired',
    source: `import { acquire } from 'troupe/shared'${calls('web-worker', WORKER, SHARED)}`,
    limit: 33_260,
    rooms: [...CALLING, 'core/shared'],
    returns: true,
  },
  // goal: 23,000
  {
    name: 'socket',
    what: 'calls over a WebSocket',
    source: calls('websocket', `webSocket('wss://example.org')`),
    limit: 35_470,
    rooms: [...CALLING, 'core/resume'],
    carriesBytes: true,
    returns: true,
  },
  // goal: 1,000 more than those
  {
    name: 'key',
    what: 'the same with a shared key',
    source: `import { sharedKey } from 'troupe/shared-key'${calls('websocket', `webSocket('wss://example.org')`, '', ", { key: sharedKey('a shared secret') }")}`,
    limit: 36_310,
    rooms: [...CALLING, 'core/resume', 'adapters/keys'],
    carriesBytes: true,
    returns: true,
    proves: true,
  },
  // goal: 34,000
  { name: 'host', what: 'the worker file: host() and one actor', source: HOST, limit: 46_870, rooms: HOSTING },
  {
    name: 'interceptors',
    what: 'the same with two interceptors',
    source: INTERCEPTED,
    limit: 49_550,
    rooms: [...HOSTING, 'core/interceptors'],
  },
  { name: 'idb', what: 'idb alone', source: IDB, limit: 1_385, rooms: [] },
  // goal: 3,000 more than idb alone
  {
    name: 'indexeddb',
    what: 'a store in IndexedDB, with idb',
    source: storing('indexeddb', 'indexedDb'),
    limit: 3_530,
    rooms: STORING,
  },
  {
    name: 'sqlite',
    what: 'a store in SQLite, for Node',
    source: storing('sqlite', 'sqlite'),
    limit: 1_960,
    rooms: STORING,
    isForNode: true,
  },
  {
    name: 'durable',
    what: 'a page with a durable actor of its own',
    source: CART(),
    limit: 53_960,
    rooms: [...HOSTING, 'core/durable'],
    carriesBytes: true,
  },
  {
    name: 'singleton',
    what: 'the same, one for all tabs',
    source: SINGLETON,
    limit: 56_930,
    most: { more: 3_000, than: 'durable' },
    rooms: [...HOSTING, 'core/durable', 'core/rerouting', 'core/singleton', 'adapters/singleton'],
    carriesBytes: true,
  },
  {
    name: 'redis',
    what: 'calls over Redis, without its client, for Node',
    source: joins('redis'),
    limit: 57_520,
    rooms: JOINING,
    carriesBytes: true,
    isForNode: true,
  },
  {
    name: 'nats',
    what: 'calls over NATS, without its client',
    source: joins('nats'),
    limit: 57_250,
    rooms: JOINING,
    carriesBytes: true,
  },
  // goal: 5,000 more than host
  {
    name: 'moves',
    what: 'the worker file with an actor that can be moved',
    source: MOVES,
    limit: 51_780,
    rooms: [...HOSTING, 'core/moving'],
  },
]

const root = fileURLToPath(new URL('..', import.meta.url))
const lean = resolve(root, 'dist/lean')
const gzipped = (code) => gzipSync(code, { level: 9 }).length
const count = (bytes) => bytes.toLocaleString('en')

/** What is of Node alone and must not be in a browser's bundle. */
function nodeParts({ code, imports, modules }) {
  const alien = [...modules.keys()].filter((path) => /node_modules[\\/]ws[\\/]|node-socket/.test(path))
  return [...alien, ...imports, ...(code.match(/["'`]node:[a-z_/]+["'`]/g) ?? [])]
}

/** The rooms that have no place in a bundle and are in it, each with its modules. */
function intruders({ modules }, { rooms, carriesBytes, returns, proves }) {
  const found = {}
  for (const path of modules.keys()) {
    const module = relative(lean, path).split(sep).join('/')
    const isBrought =
      (carriesBytes || !BYTES.test(module)) && (returns || !RETURNING.test(module)) && (proves || !PROVING.test(module))
    const isIn = isBrought && rooms.includes(dirname(module))
    if (/^\.\.\/|^\0/.test(module) || isIn) continue
    ;(found[dirname(module)] ??= []).push(basename(module))
  }
  return Object.entries(found).map(([room, names]) => `${room} (${names.sort().join(', ')})`)
}

/** A line for each module, the largest first. */
async function moduleSizes({ modules }) {
  const sizes = []
  for (const [path, code] of modules) {
    const { code: minified } = await minify(path, code, { module: true, compress: { unused: false } })
    if (minified) sizes.push({ path: relative(root, path), bytes: minified.length, zip: gzipped(minified) })
  }
  sizes.sort((a, b) => b.bytes - a.bytes)
  return sizes.map(({ path, bytes, zip }) => `${count(bytes).padStart(8)} ${count(zip).padStart(7)}  ${path}`)
}

/** Prints a line, and has the command fail for `isFailure`. */
function say(text, isFailure = false) {
  console.log(text)
  if (isFailure) process.exitCode = 1
}

// A file in this folder: it finds `troupe` in the package.json above it.
const folder = resolve(root, '.cache/size')
mkdirSync(folder, { recursive: true })
/** By bundle and bundler. */
const sizesOf = {}
for (const { name, what, source, limit, most, isForNode, ...held } of BUNDLES) {
  const file = resolve(folder, `${name}.js`)
  writeFileSync(file, source)
  const sizes = (sizesOf[name] = {})
  /** Lines to print below, each with the bundlers that it is said of. */
  const failures = {}
  const intrusions = {}
  let modules = []
  const bundling = Object.entries(BUNDLERS).map(async ([bundler, bundle]) => [bundler, await bundle(file)])
  for (const [bundler, made] of await Promise.all(bundling)) {
    sizes[bundler] = gzipped(made.code)
    for (const part of isForNode ? [] : nodeParts(made)) (failures[part] ??= []).push(bundler)
    for (const room of intruders(made, held)) (intrusions[room] ??= []).push(bundler)
    if (bundler === 'vite' && process.argv.includes('--modules')) modules = await moduleSizes(made)
  }
  const worst = Math.max(...Object.values(sizes))
  const verdict = worst > limit ? 'TOO LARGE ' : ''
  const each = Object.entries(sizes).map(([bundler, size]) => `${bundler} ${count(size)}`)
  say(`${verdict}${count(worst)} of ${count(limit)} bytes gzipped: ${what} (${each.join(', ')})`, worst > limit)
  for (const [part, bundlers] of Object.entries(failures)) say(`  only Node has ${part} (${bundlers.join(', ')})`, true)
  for (const [room, bundlers] of Object.entries(intrusions))
    say(`  has no place here: ${room}; ${bundlers.join(', ')}`, true)
  if (most) {
    const more = Math.max(...Object.entries(sizes).map(([bundler, size]) => size - sizesOf[most.than][bundler]))
    say(`  ${count(more)} of ${count(most.more)} bytes more than '${most.than}'`, more > most.more)
  }
  for (const line of modules) say(line)
}
