// Both builds: a store in IndexedDB where the platform has no such thing.
import { createRequire } from 'node:module'

const { exports } = createRequire(import.meta.url)('troupe/package.json')
const folder = import.meta.resolve('troupe/package.json')
const outcomes = new Set()
for (const condition of ['node', 'default']) {
  const { indexedDb } = await import(new URL(exports['./indexeddb'][condition], folder).href)
  const error = await indexedDb('cart')
    .read('cart/')
    .catch((error) => error)
  outcomes.add(`${error.code} ${error.ran} ${error.cause.name}`)
}
console.log(...outcomes)
