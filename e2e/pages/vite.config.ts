import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const pages = readdirSync(here).filter((file) => file.endsWith('.html'))

/** Pages whose hooks the tests call, and their servers for Node; built like the demo. */
export default defineConfig({
  base: './',
  envPrefix: 'TORTURE',
  worker: { format: 'es' },
  builder: {},
  environments: {
    client: {
      build: {
        outDir: '../../.cache/e2e/page',
        emptyOutDir: true,
        target: 'es2022',
        modulePreload: { polyfill: false },
        rollupOptions: { input: pages },
      },
    },
    ssr: {
      build: {
        outDir: '../../.cache/e2e/server',
        emptyOutDir: true,
        target: 'node20',
        rollupOptions: { input: ['serve.ts', 'tabs-serve.ts', 'cellar.thread.ts'] },
      },
      resolve: { external: ['troupe', 'troupe/move', 'troupe/websocket-server', 'troupe/worker-threads'] },
    },
  },
})
