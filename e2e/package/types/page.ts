// The same as a page sees it, which has no types of Node; compiled, never run.
import { ask, Dispatcher, stop, tell } from 'troupe'
import { indexedDb } from 'troupe/indexeddb'
import { messagePort } from 'troupe/message-port'
import { webWorker } from 'troupe/web-worker'
import { webSocket } from 'troupe/websocket'
import type { actors } from './page.worker.js'

await using dispatcher = new Dispatcher()
const worker = await dispatcher.connect<typeof actors>(
  webWorker(() => new Worker(new URL('./page.worker.js', import.meta.url), { type: 'module' })),
)
const clock = await worker.spawn('Clock')
tell(clock).tick()
const ticks: number = await ask(clock, { signal: AbortSignal.timeout(500) }).tick()
document.title = String(ticks)
await dispatcher.connect(messagePort(new MessageChannel().port1))
await dispatcher.connect(webSocket('wss://example.org'))
await indexedDb('cart').commit([{ changes: [{ key: 'cart/1', value: new Uint8Array() }] }])
await stop(clock)
