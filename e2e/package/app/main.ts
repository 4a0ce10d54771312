import { ask, Dispatcher } from 'troupe'
import { webWorker } from 'troupe/web-worker'
import { webSocket } from 'troupe/websocket'
import type { actors } from './counter.worker.js'

const dispatcher = new Dispatcher()
const worker = await dispatcher.connect<typeof actors>(
  webWorker(() => new Worker(new URL('./counter.worker.ts', import.meta.url), { type: 'module' })),
)
const counter = await worker.spawn('Counter', { args: [40] })
await counter.increment()
const count = await ask(counter, { timeout: 5_000 }).increment()
const refused: unknown = await dispatcher
  .connect(webSocket('ws://127.0.0.1:1'))
  .catch((error: { code: string }) => error.code)
document.title = `${count} ${String(refused)}`
