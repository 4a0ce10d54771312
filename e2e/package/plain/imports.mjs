// Every entry can be imported in bare Node, and importing does nothing else.
import { createRequire } from 'node:module'

const { exports } = createRequire(import.meta.url)('troupe/package.json')
for (const entry of Object.keys(exports)) {
  // That one is for users who have Comlink.
  if (entry !== './package.json' && entry !== './comlink') await import(`troupe${entry.slice(1)}`)
}
