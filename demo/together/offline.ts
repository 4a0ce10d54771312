const CACHE = 'together'
/** Its name is given in vite.config.ts: a service worker serves what is beside or below it. */
const WORKER = './together-offline.js'

/** Keeps this page and its files, so that it can be loaded without its server. Resolves when they are kept. */
export async function keepForOffline(): Promise<void> {
  await navigator.serviceWorker.register(WORKER, { scope: './together.html' })
  await navigator.serviceWorker.ready
  const page = new URL('./together.html', location.href).href
  const files = performance.getEntriesByType('resource').map(({ name }) => name)
  const kept = new Set([page, ...files.filter((file) => file.startsWith(location.origin))])
  const cache = await caches.open(CACHE)
  await cache.addAll([...kept])
  const old = (await cache.keys()).filter(({ url }) => !kept.has(url))
  await Promise.all(old.map((request) => cache.delete(request)))
}
