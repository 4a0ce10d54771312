import { defineConfig } from 'vite'

/**
 * Two bundles: the pages with their workers, and the server for Node with the process that it forks. That one takes troupe
 * from the package itself.
 */
export default defineConfig({
  base: './',
  worker: { format: 'es' },
  builder: {},
  environments: {
    client: {
      // Inlined assets would be data: URLs, which the page's policy refuses.
      build: {
        outDir: 'dist/page',
        target: 'es2022',
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        rollupOptions: {
          input: {
            index: 'index.html',
            offload: 'offload.html',
            server: 'server.html',
            together: 'together.html',
            'together-offline': 'together/offline-worker.ts',
          },
          // A service worker serves what is beside or below it, and is found by its name.
          output: {
            entryFileNames: ({ name }) => (name === 'together-offline' ? '[name].js' : 'assets/[name]-[hash].js'),
          },
        },
      },
    },
    ssr: {
      build: {
        outDir: 'dist/server',
        target: 'node20',
        emptyOutDir: true,
        rollupOptions: { input: ['serve.ts', 'server/room.process.ts'] },
      },
      resolve: { external: ['troupe', 'troupe/child-process', 'troupe/websocket-server'] },
    },
  },
})
