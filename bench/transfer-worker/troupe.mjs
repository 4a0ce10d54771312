import { Dispatcher, transfer } from 'troupe'
import { webWorker } from 'troupe/web-worker'
import { bouncing } from '../bounce.mjs'

export async function open() {
  const dispatcher = new Dispatcher()
  const start = () => new Worker(new URL('troupe-worker.mjs', import.meta.url), { type: 'module' })
  const worker = await dispatcher.connect(webWorker(start))
  const bouncer = await worker.spawn('Bouncer')
  const bounce = (buffer) => bouncer.bounce(transfer(buffer, [buffer]))
  return { ask: (inFlight, total) => bouncing(bounce, inFlight, total), close: () => dispatcher.close() }
}
