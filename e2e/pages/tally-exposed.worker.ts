import { Dispatcher } from 'troupe'
import { exposeToComlink } from 'troupe/comlink'
import { webWorker } from 'troupe/web-worker'
import { Tally } from './tally.js'
import type { actors } from './tally.worker.js'

// The page that started this worker knows nothing of actors: one lives here, one in a worker of this worker.
const dispatcher = new Dispatcher()
const far = new Worker(new URL('./tally.worker.ts', import.meta.url), { type: 'module' })

addEventListener('message', ({ data, ports: [port] }: MessageEvent<unknown>) => {
  if (data === 'far' && port) void exposeFar(port)
})
exposeToComlink(await dispatcher.spawn(Tally), self)

async function exposeFar(port: MessagePort): Promise<void> {
  const peer = await dispatcher.connect<typeof actors>(webWorker(far))
  exposeToComlink(await peer.spawn('Tally'), port)
}
