import { fileURLToPath } from 'node:url'
import { build as bundle } from 'vite'

export const built = fileURLToPath(new URL('../../.cache/bench/', import.meta.url))

/** Bundles the page with the contenders of all rows in Chromium, once for a run. */
export const build = () =>
  bundle({
    root: fileURLToPath(new URL('.', import.meta.url)),
    configFile: false,
    base: './',
    logLevel: 'warn',
    worker: { format: 'es' },
    build: { outDir: built, emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false } },
  })
