import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import type { Rolldown } from 'vite'
import { defineConfig, type Plugin } from 'vitest/config'
import { bareFields } from './.ci/bare-fields.js'
import { decorators } from './.ci/decorators.js'
import { memberNames } from './.ci/member-names.js'
import { privateNames } from './.ci/private-names.js'
import { terse } from './.ci/terse.js'
import { brokerCommands } from './adapters/fixtures/broker-commands.js'
import { serverCommands } from './adapters/fixtures/server-process.js'
import { launchOptions } from './e2e/chromium.js'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** One file for each entry of package.json, and the two that `#open-socket` and `#hmac` choose from. */
const entries = {
  index: 'core/index.ts',
  adapter: 'core/adapter.ts',
  testing: 'core/testing/index.ts',
  pool: 'core/pool/index.ts',
  group: 'core/group/index.ts',
  interceptors: 'core/interceptors/index.ts',
  shared: 'core/shared/index.ts',
  move: 'core/moving/index.ts',
  durable: 'core/durable/index.ts',
  sharded: 'core/sharded/index.ts',
  singleton: 'adapters/singleton/singleton.ts',
  memory: 'adapters/transports/memory.ts',
  'message-port': 'adapters/transports/message-port.ts',
  'web-worker': 'adapters/transports/web-worker.ts',
  'shared-worker': 'adapters/transports/shared-worker.ts',
  'broadcast-channel': 'adapters/transports/broadcast-channel.ts',
  'worker-threads': 'adapters/transports/worker-threads.ts',
  'child-process': 'adapters/transports/child-process.ts',
  websocket: 'adapters/transports/websocket.ts',
  'websocket-server': 'adapters/transports/websocket-server.ts',
  'shared-key': 'adapters/keys/shared-key.ts',
  redis: 'adapters/engines/redis.ts',
  nats: 'adapters/engines/nats.ts',
  comlink: 'adapters/bridges/comlink.ts',
  sqlite: 'adapters/stores/sqlite.ts',
  indexeddb: 'adapters/stores/indexeddb.ts',
  'node-socket': 'adapters/base/node-socket.ts',
  'platform-socket': 'adapters/base/platform-socket.ts',
  'node-hmac': 'adapters/base/node-hmac.ts',
  'platform-hmac': 'adapters/base/platform-hmac.ts',
}

/** What several entries share. The two sockets are entries of their own: one of them brings `ws`; and so are those that sign. */
const SHARED =
  /\/(?:node_modules\/nanoevents|core\/(?!(?:testing|pool|group|interceptors|routing|shared|moving|rerouting|sharded|singleton)\/)|adapters\/base\/(?!(?:node|platform)-(?:socket|hmac)))/

const DISPOSABLE = '/// <reference lib="esnext.disposable" preserve="true" />\n'

/** Declarations by tsc, each with the library reference that `await using` needs. */
const declarations: Plugin = {
  name: 'declarations',
  apply: 'build',
  closeBundle() {
    const types = here('dist/types')
    execFileSync(
      process.execPath,
      [here('node_modules/typescript/bin/tsc'), '-p', here('adapters/tsconfig.build.json')],
      { stdio: 'inherit' },
    )
    for (const file of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.d.ts')) continue
      const path = join(types, file)
      writeFileSync(path, DISPOSABLE + readFileSync(path, 'utf8'))
    }
  },
}

const importsFor = (platform: 'node' | 'platform') => ({
  '#open-socket': here(`adapters/base/${platform}-socket.ts`),
  '#hmac': here(`adapters/base/${platform}-hmac.ts`),
})

/**
 * In dist/, for Node and for development: one file for all that is shared, as each file costs a thread's start more than
 * its size does; nanoevents is in it for that reason. Not minified, which would save little: Node prints the line of an
 * error that is not caught.
 */
const full: Rolldown.OutputOptions = {
  chunkFileNames: '[name].js',
  codeSplitting: { groups: [{ name: 'core', test: SHARED }] },
  comments: { jsdoc: false, legal: false },
}

/** In dist/lean/, for bundlers: a file for each source, so that they leave out what an application does not use. */
const lean: Rolldown.OutputOptions = { preserveModules: true, preserveModulesRoot: here('.') }
const leanEntries = Object.fromEntries(Object.values(entries).map((path) => [path.replace(/\.ts$/, ''), path]))

export default defineConfig(({ mode }) => ({
  base: './',
  plugins: mode === 'lean' ? [terse(), privateNames(), memberNames(), bareFields()] : [declarations, decorators()],
  build: {
    target: 'es2022',
    outDir: mode === 'lean' ? 'dist/lean' : 'dist',
    sourcemap: true,
    minify: false,
    lib: { entry: mode === 'lean' ? leanEntries : entries, formats: ['es'] },
    rollupOptions: {
      external: [
        'ws',
        'comlink',
        'idb',
        '@nats-io/nats-core',
        /^@noble\/hashes\//,
        '#open-socket',
        '#hmac',
        /^node:/,
        ...(mode === 'lean' ? ['nanoevents'] : []),
      ],
      output: mode === 'lean' ? lean : full,
    },
  },
  test: {
    // Tests that await an event end with it; the limit is for machines that are busy with other things.
    testTimeout: 30_000,
    reporters: ['default', ['json', { outputFile: '.cache/results/vitest.json' }]],
    projects: [
      {
        extends: true,
        resolve: { alias: importsFor('node') },
        test: {
          name: 'node',
          // Tests ask for a collection and wait for what it does.
          execArgv: ['--expose-gc'],
          include: ['{core,adapters,e2e}/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts'],
          globalSetup: ['adapters/fixtures/build.ts'],
        },
      },
      {
        extends: true,
        resolve: { alias: importsFor('platform') },
        test: {
          name: 'chromium',
          include: ['{core,adapters}/**/*.test.ts'],
          exclude: ['**/*.node.test.ts'],
          globalSetup: ['adapters/fixtures/build.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launchOptions() }),
            instances: [{ browser: 'chromium' }],
            commands: { ...serverCommands, ...brokerCommands },
          },
        },
      },
    ],
  },
}))
