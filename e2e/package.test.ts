// What users get: the packed tarball, installed with npm and used in bare Node, by the compiler, by Vite and in a browser.
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { launchOptions } from './chromium.js'

const MINUTES = 300_000
/** What ends by itself does so in a fraction of this. */
const SOON = 15_000

// Compilers, npm and a browser beside all the other tests.
vi.setConfig({ testTimeout: 2 * MINUTES, hookTimeout: 5 * MINUTES })

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const bin = (path: string): string => here(`../node_modules/${path}`)

interface Ended {
  /** undefined if it had to be killed. */
  readonly code: number | undefined
  readonly output: string
}

/** Runs a command to its end, in the project unless told, or kills it after `timeout` milliseconds. */
function run(command: string, args: readonly string[], cwd: string, timeout = MINUTES): Promise<Ended> {
  // Not the settings that the npm around this test gave to its own scripts.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^(npm_|NODE_OPTIONS|NODE_ENV|VITE|VITEST)/.test(key)),
  )
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout, killSignal: 'SIGKILL' })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? undefined, output }))
  })
}

const node = (args: readonly string[], cwd: string, timeout?: number): Promise<Ended> =>
  run(process.execPath, args, cwd, timeout)

const works = (output = ''): Ended => ({ code: 0, output })

/** For what has to work before there is anything to test. */
async function must(ended: Promise<Ended>): Promise<void> {
  const { code, output } = await ended
  if (code !== 0) throw new Error(output)
}

/** What an error says in full. */
const SENTENCE = '() did not run'

let project: string
let tarball: string
let files: readonly string[]

/** A file of the installed package. */
const installed = (path: string): string => join(project, 'node_modules/troupe', path)

beforeAll(async () => {
  if (!existsSync(here('../dist/index.js'))) throw new Error('dist/ is missing: run `npm run build` first')
  project = realpathSync(mkdtempSync(join(tmpdir(), 'troupe-package-')))
  cpSync(here('package'), project, { recursive: true })
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }))

  await must(run('npm', ['pack', '--loglevel=error', '--pack-destination', project], here('..')))
  tarball = join(
    project,
    readdirSync(project).find((name) => name.endsWith('.tgz'))!,
  )
  await must(run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], project, 3 * MINUTES))
  files = readdirSync(installed('.'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(installed('.'), join(entry.parentPath, entry.name)))
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

describe('the tarball', () => {
  test('holds what users need and nothing of the workshop', () => {
    expect(files).toContain('LICENSE')
    expect(files.includes('README.md')).toBe(existsSync(here('../README.md')))
    const workshop =
      /\.test(-d)?\.ts$|tsconfig|fixtures|example|^(e2e|bench|demo(?!\/guide\/)|\.ci|\.cache|node_modules)\/|package-lock|oxlint|vite\.config/
    expect(files.filter((file) => workshop.test(file))).toEqual([])
    // The pages that the documents in it lead to are in it, too.
    for (const page of ['README.md', 'SECURITY.md', 'PROTOCOL.md', 'CHANGELOG.md'])
      for (const [, link] of readFileSync(installed(page), 'utf8').matchAll(/\]\((?!\w+:|#)([^)#]+)/g))
        expect(files, page).toContain(link)
    // What this entry honours counts from its import on.
    expect(readJson('package.json')).toMatchObject({
      sideEffects: ['./dist/comlink.js', './dist/lean/adapters/bridges/comlink.js'],
      type: 'module',
    })
  })

  test('what pages load in development imports nothing of Node.js', () => {
    const forNode = new Set([
      'worker-threads.js',
      'child-process.js',
      'websocket-server.js',
      'node-socket.js',
      'node-hmac.js',
    ])
    for (const file of files.filter((path) => /^dist\/[^/]+\.js$/.test(path) && !forNode.has(basename(path))))
      expect(readFileSync(installed(file), 'utf8'), file).not.toMatch(/(?:from|import\() ?['"]node:/)
  })

  test('every entry has its code and its types', () => {
    const { exports, imports } = readJson('package.json') as Record<
      string,
      Record<string, string | Record<string, string>>
    >
    const targets = [...Object.values(exports!), ...Object.values(imports!)].flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    )
    for (const target of targets) expect(files).toContain(posix.normalize(target))
  })

  test('source maps lead to sources', () => {
    const maps = files.filter((file) => file.endsWith('.js.map'))
    expect(maps.length).toBeGreaterThan(0)
    for (const map of maps) {
      const { sources, sourcesContent } = readJson(map) as { sources: string[]; sourcesContent?: (string | null)[] }
      const lost = sources.filter(
        (source, i) => !sourcesContent?.[i] && !files.includes(posix.join(dirname(map), source)),
      )
      expect(lost, map).toEqual([])
    }
  })

  test('publint has nothing to say', async () => {
    const { code, output } = await node([bin('publint/src/cli.js'), 'run', tarball, '--strict'], project)
    expect(output).toContain('All good!')
    expect(code).toBe(0)
  })

  test('are the types wrong? no', async () => {
    const { code, output } = await node(
      [bin('@arethetypeswrong/cli/dist/index.js'), tarball, '--profile', 'esm-only', '--no-color'],
      project,
    )
    expect(code, output).toBe(0)
  })
})

describe('in Node', () => {
  test('every entry can be imported, and importing does nothing else', async () => {
    expect(await node(['plain/imports.mjs'], project, SOON)).toEqual(works())
  })

  test('the build for bundlers has the same exports, and its errors the same codes and names', async () => {
    expect(await node(['plain/builds.mjs'], project, SOON)).toEqual(works())
  })

  test('errors say in full what happened', () => {
    expect(readFileSync(installed('dist/core.js'), 'utf8')).toContain(SENTENCE)
  })

  test('calls an actor here, in a thread and over a WebSocket, and ends when all is closed', async () => {
    expect(await node(['plain/calls.mjs'], project, SOON)).toEqual(works('done\n'))
  })

  test('an idle dispatcher with an open thread does not keep the process alive', async () => {
    expect(await node(['plain/idle.mjs'], project, SOON)).toEqual(works('1 41\n'))
  })
})

describe('packages that users bring', () => {
  test.each([
    ['comlink', 'bridges'],
    ['idb', 'stores'],
  ])('%s is imported by its own entry only', (name, folder) => {
    const entry = name === 'idb' ? 'indexeddb' : name
    const imports = new RegExp(`from ["'](${name}|\\./${entry}\\.js)["']`)
    const importers = files.filter(
      (file) => file.endsWith('.js') && imports.test(readFileSync(installed(file), 'utf8')),
    )
    const others = importers.filter((file) => !file.startsWith(`dist/lean/adapters/${folder}/`))
    expect(others).toEqual([`dist/${entry}.js`])
  })

  beforeAll(() => {
    for (const name of ['comlink', 'idb']) cpSync(bin(name), join(project, 'node_modules', name), { recursive: true })
  })

  test('Comlink calls it and is called, in Node', async () => {
    expect(await node(['plain/comlink.mjs'], project, SOON)).toEqual(works('41 42\n'))
  })

  test('a store in IndexedDB can be made where there is none, and says so', async () => {
    expect(await node(['plain/indexeddb.mjs'], project, SOON)).toEqual(works('stored-failed no ReferenceError\n'))
  })
})

describe('the types, with all libraries checked', () => {
  const program = { files: ['types/node.ts'], types: ['node'] }
  const page = { files: ['types/page.ts'], types: [] as string[] }
  beforeAll(() => cpSync(bin('@types/node-26'), join(project, 'types-26/node'), { recursive: true }))
  test.each<{ name: string; files: string[]; types: string[]; lib: string[]; typeRoots?: string[] }>([
    { name: 'Node alone', ...program, lib: ['es2022'] },
    { name: 'Node 26 alone', ...program, lib: ['es2022'], typeRoots: ['types-26'] },
    { name: 'Node and DOM', ...program, lib: ['es2022', 'dom', 'dom.iterable'] },
    { name: 'neither Node nor DOM', files: ['types/bare.ts'], types: [], lib: ['es2022'] },
    { name: 'a page', ...page, lib: ['es2022', 'dom', 'dom.iterable'] },
    { name: 'a page that has Node types too', ...page, types: ['node'], lib: ['es2022', 'dom'] },
    { name: 'a page that has Comlink', files: ['types/comlink.ts'], types: [], lib: ['es2022', 'dom', 'dom.iterable'] },
  ])('$name', async ({ name, files, types, lib, typeRoots = [bin('@types')] }) => {
    for (const moduleResolution of ['nodenext', 'bundler']) {
      const config = `tsconfig.${name.replaceAll(' ', '-')}.${moduleResolution}.json`
      const compilerOptions = {
        target: 'es2022',
        module: moduleResolution === 'nodenext' ? 'nodenext' : 'esnext',
        moduleResolution,
        lib,
        types,
        typeRoots,
        strict: true,
        skipLibCheck: false,
        noEmit: true,
      }
      writeFileSync(join(project, config), JSON.stringify({ compilerOptions, files }))
      expect(await node([bin('typescript/bin/tsc'), '-p', config], project), moduleResolution).toEqual(works())
    }
  })
})

describe('in a Vite application', () => {
  const assets: Record<string, string> = {}
  const asset = (name: string): string =>
    Object.entries(assets).find(([path]) => posix.basename(path).startsWith(name))![1]

  beforeAll(async () => {
    await must(node([bin('vite/bin/vite.js'), 'build', 'app', '--target', 'es2022'], project))
    const built = join(project, 'app/dist')
    for (const entry of readdirSync(built, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile()) assets[path.slice(built.length)] = readFileSync(path, 'utf8')
    }
  })

  test("the actor is in the worker's bundle only", () => {
    const marker = 'this counter only goes up'
    expect(asset('counter.worker-')).toContain(marker)
    expect(asset('index-')).not.toContain(marker)
  })

  test("nothing of Node's is in the bundles", () => {
    for (const code of Object.values(assets))
      expect(code).not.toMatch(/perMessageDeflate|permessage-deflate|["'`]node:/)
  })

  test('nor are Comlink and idb', () => {
    for (const code of Object.values(assets)) expect(code).not.toMatch(/Comlink\.proxy|continuePrimaryKey/)
  })

  test('nor are the sentences of errors', () => {
    for (const code of Object.values(assets)) expect(code).not.toContain(SENTENCE)
  })

  test('the page calls its worker, in a real browser', async () => {
    const server = await serve(assets)
    const browser = await chromium.launch(launchOptions())
    try {
      const page = await browser.newPage()
      const problems: string[] = []
      page.on('pageerror', (error) => problems.push(String(error)))
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      await page
        .waitForFunction(() => document.title !== 'waiting')
        .catch((error: unknown) => problems.push(String(error)))
      expect(problems).toEqual([])
      expect(await page.title()).toBe('42 unreachable')
    } finally {
      await browser.close()
      server.closeAllConnections()
      server.close()
    }
  })
})

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(installed(path), 'utf8'))
}

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }

/** Serves what was built, on any free port. */
function serve(assets: Readonly<Record<string, string>>): Promise<Server> {
  const server = createServer(({ url }, response) => {
    const path = url === '/' ? '/index.html' : url!
    const body = assets[path]
    response
      .writeHead(body === undefined ? 404 : 200, { 'content-type': TYPES[extname(path)] ?? 'text/plain' })
      .end(body)
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}
