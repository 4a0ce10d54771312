import { defineConfig } from 'vite'

/** A page whose hooks the tests call, and its server for Node; built like the demo. */
export default defineConfig({
  base: './',
  worker: { format: 'es' },
  builder: {},
  environments: {
    client: {
      build: {
        outDir: '../../.cache/e2e/page',
        emptyOutDir: true,
        target: 'es2022',
        modulePreload: { polyfill: false },
      },
    },
    ssr: {
      build: {
        outDir: '../../.cache/e2e/server',
        emptyOutDir: true,
        target: 'node20',
        rollupOptions: { input: 'serve.ts' },
      },
      resolve: { external: ['troupe', 'troupe/websocket-server'] },
    },
  },
})
