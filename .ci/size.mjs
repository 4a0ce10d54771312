// What an application bundles, minified and compressed, against its limit.
//   node .ci/size.mjs             a line for each bundle; fails above a limit, or where Node's parts got in
//   node .ci/size.mjs --modules   and what each source module takes, as minified alone
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, minify } from 'vite'

const CALLS = `
  import { Dispatcher, ask, tell } from 'troupe'
  import { webWorker } from 'troupe/web-worker'
  const dispatcher = new Dispatcher()
  const worker = await dispatcher.connect(webWorker(() => new Worker('worker.js', { type: 'module' })))
  const counter = await worker.spawn('Counter', { args: [10] })
  tell(counter).increment()
  console.log(await counter.increment(), await ask(counter, { timeout: 500 }).increment())
`
const SOCKET = `
  import { webSocket } from 'troupe/websocket'
  console.log(await dispatcher.connect(webSocket('wss://example.org')))
`

/** Limits in gzipped bytes: what was measured, and about 3 % to grow. */
const BUNDLES = [
  { name: 'calls to a web worker', source: CALLS, limit: 42_400 },
  { name: 'the same, and a WebSocket', source: CALLS + SOCKET, limit: 43_000 },
]

const root = fileURLToPath(new URL('..', import.meta.url))

/** `source` as an application builds it: one chunk of the published files, or of our sources. */
async function bundle(source, alias = []) {
  const app = {
    name: 'app',
    resolveId: (id) => (id === 'app' ? '\0app' : undefined),
    load: (id) => (id === '\0app' ? source : undefined),
  }
  const { output } = await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [app],
    resolve: { alias },
    build: { write: false, target: 'es2022', modulePreload: false, rollupOptions: { input: 'app' } },
  })
  if (output.length !== 1)
    throw new Error(`one file was expected, not ${output.map((file) => file.fileName).join(', ')}`)
  return output[0]
}

const gzipped = (code) => gzipSync(code, { level: 9 }).length

/** What is of Node alone and must not be in a browser's bundle. */
function nodeParts({ code, imports, moduleIds }) {
  const modules = moduleIds.filter((id) => /node_modules\/ws\/|node-socket/.test(id))
  return [...modules, ...imports, ...(code.match(/["'`]node:[a-z_/]+["'`]/g) ?? [])]
}

/** Source modules by the size of what is left of them, minified. */
async function modules(source) {
  const chunk = await bundle(source, [
    { find: /^troupe$/, replacement: `${root}core/index.ts` },
    { find: /^troupe\/(.*)$/, replacement: `${root}adapters/transports/$1.ts` },
    { find: '#open-socket', replacement: `${root}adapters/base/platform-socket.ts` },
  ])
  const sizes = []
  for (const [id, { code }] of Object.entries(chunk.modules)) {
    const minified = code ? (await minify(id, code, { module: true, compress: { unused: false } })).code : ''
    if (minified)
      sizes.push({
        id: id.startsWith('\0') ? '(the application)' : relative(root, id),
        bytes: minified.length,
        zip: gzipped(minified),
      })
  }
  return sizes.sort((a, b) => b.bytes - a.bytes)
}

for (const { name, source, limit } of BUNDLES) {
  const chunk = await bundle(source)
  const size = gzipped(chunk.code)
  const alien = nodeParts(chunk)
  const isOver = size > limit
  console.log(`${isOver ? 'TOO LARGE ' : ''}${size} of ${limit} bytes gzipped (${chunk.code.length} minified): ${name}`)
  if (alien.length > 0) console.log(`  holds what only Node has: ${alien.join(', ')}`)
  if (isOver || alien.length > 0) process.exitCode = 1
  if (!process.argv.includes('--modules')) continue
  for (const { id, bytes, zip } of await modules(source))
    console.log(`  ${String(bytes).padStart(6)} ${String(zip).padStart(6)}  ${id}`)
}
