// The snippets of README.md and of the guide: they compile as they stand, and print what they say.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { beforeAll, describe, expect, test } from 'vitest'
import { startBroker } from '../adapters/fixtures/broker-server.js'
import { freePort } from '../adapters/fixtures/ports.js'
import { GUIDE, pages, snippets, texts } from './snippets.js'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const folder = here('../.cache/docs/')
const tsc = here('../node_modules/typescript/bin/tsc')

/** What the comments behind `console.log` say will be printed. */
const promised = (code: string): string[] =>
  Array.from(code.matchAll(/console\.log\(.*\) \/\/ (.+)$/gm), ([, output]) => output!.split(', ')).flat()

const scripts = snippets.filter(([, code]) => promised(code).length > 0)

/** Writes the snippets into a folder, and a configuration for the compiler beside them. */
function write(path: string, options: object, edit = (code: string): string => code): void {
  mkdirSync(path, { recursive: true })
  for (const [name, code] of snippets) writeFileSync(path + name, edit(code))
  const compilerOptions = { types: ['node', 'vite/client'], ...options }
  writeFileSync(`${path}tsconfig.json`, JSON.stringify({ compilerOptions, include: ['*.ts', '*.tsx'] }))
}

function compile(path: string): void {
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', path], { encoding: 'utf8' })
  expect(stdout).toBe('')
  expect(status).toBe(0)
}

/** The folders that `npm create vite` makes have this configuration. */
const VITE = {
  target: 'es2023',
  module: 'esnext',
  lib: ['es2023', 'dom'],
  skipLibCheck: true,
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  moduleDetection: 'force',
  noEmit: true,
  strict: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  erasableSyntaxOnly: true,
  noFallthroughCasesInSwitch: true,
}

const asShown = `${folder}as-shown/`
const run = `${folder}run/`

describe('the README and the guide', () => {
  beforeAll(() => rmSync(folder, { recursive: true, force: true }))

  test('have snippets under names of their own', () => {
    const names = snippets.map(([name]) => name)
    expect(names).toEqual([...new Set(names)])
  })

  test('have snippets that compile in a new project of Vite', () => {
    write(asShown, VITE)
    compile(asShown)
  }, 60_000)

  test("have links that lead to a page, or to a page's heading", () => {
    const anchors = (text: string): string[] =>
      Array.from(text.matchAll(/^#+ (.+)$/gm), ([, title]) =>
        title!
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      )
    const broken = pages.flatMap((page) =>
      Array.from(texts.get(page)!.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g), ([link, path, anchor]) => {
        const file =
          path === '' ? new URL(`../${page}`, import.meta.url) : new URL(path!, new URL(`../${page}`, import.meta.url))
        try {
          const text = readFileSync(file, 'utf8')
          return anchor === undefined || anchors(text).includes(anchor) ? [] : [`${page}: ${link}`]
        } catch {
          return [`${page}: ${link}`]
        }
      }).flat(),
    )
    expect(broken).toEqual([])
  })

  test('begin each page of the guide with a snippet', () => {
    const without = [...texts].filter(
      ([page, text]) => page.startsWith(GUIDE) && !text.split('\n## ', 1)[0]!.includes('```'),
    )
    expect(without).toEqual([])
  })

  test('have a first page that Vite builds, its worker as a file of its own', async () => {
    writeFileSync(`${asShown}index.html`, '<div id="app"></div><script type="module" src="./main.ts"></script>')
    const built = await build({ root: asShown, configFile: false, logLevel: 'error', build: { write: false } })
    const { output } = built as { output: readonly { fileName: string; code?: string }[] }
    const page = output.find(({ fileName }) => /index-.*\.js$/.test(fileName))
    expect(output.map(({ fileName }) => fileName)).toContainEqual(expect.stringMatching(/primes\.worker-.*\.js$/))
    expect(page?.code).not.toContain('isPrime')
  }, 60_000)

  describe('printed', () => {
    let server: ChildProcess | undefined
    const env: NodeJS.ProcessEnv = { ...process.env }

    beforeAll(async () => {
      const brokers = await Promise.all([startBroker('lasting-redis'), startBroker('nats')])
      const [redis, nats] = brokers
      env['REDIS_URL'] = `redis://127.0.0.1:${redis!.port}`
      env['NATS_URL'] = `127.0.0.1:${nats!.port}`
      const port = String(await freePort())
      // Emitted for the oldest Node.js that is supported, which does not run TypeScript.
      const ports = { 8080: port, 6379: String(redis!.port), 4222: String(nats!.port) }
      const edit = (code: string): string =>
        Object.entries(ports)
          .reduce((text, [shown, free]) => text.replaceAll(shown, free), code)
          .replaceAll(/'(\.\/[\w.-]+)\.ts'/g, `'$1.js'`)
      write(
        run,
        {
          ...VITE,
          target: 'es2022',
          lib: ['es2023', 'esnext.disposable', 'dom'],
          noEmit: false,
          allowImportingTsExtensions: false,
        },
        edit,
      )
      compile(run)
      server = spawn(process.execPath, [`${run}server.js`], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(server.stdout!, 'data')
      return async () => {
        server?.kill()
        await Promise.all(brokers.map((broker) => broker.dispose()))
      }
    }, 60_000)

    test.each(scripts)(
      'is what %s says, and it ends',
      async (name, code) => {
        const { stdout, stderr, status } = spawnSync(process.execPath, [run + name.replace(/ts$/, 'js')], {
          encoding: 'utf8',
          timeout: 20_000,
          env,
        })
        expect(stderr).toBe('')
        expect(stdout.trim().split('\n')).toEqual(promised(code))
        expect(status).toBe(0)
      },
      30_000,
    )
  })
})
