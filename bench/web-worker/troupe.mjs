import { Dispatcher } from 'troupe'
import { webWorker } from 'troupe/web-worker'
import { driven } from '../driven.mjs'

export async function open() {
  const dispatcher = new Dispatcher()
  const start = () => new Worker(new URL('troupe-worker.mjs', import.meta.url), { type: 'module' })
  const worker = await dispatcher.connect(webWorker(start))
  const adder = await worker.spawn('Adder')
  return driven(adder, () => dispatcher.close())
}
