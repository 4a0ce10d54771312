// Every entry can be imported in bare Node, and importing does nothing else.
import { createRequire } from 'node:module'

const { exports } = createRequire(import.meta.url)('troupe/package.json')
for (const entry of Object.keys(exports)) {
  // Those two are for users who have Comlink, and idb.
  if (!['./package.json', './comlink', './indexeddb'].includes(entry)) await import(`troupe${entry.slice(1)}`)
}
