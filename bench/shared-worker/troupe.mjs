import { Dispatcher } from 'troupe'
import { sharedWorker } from 'troupe/shared-worker'
import { driven } from '../driven.mjs'

export async function open() {
  const dispatcher = new Dispatcher()
  const start = () => new SharedWorker(new URL('troupe-worker.mjs', import.meta.url), { type: 'module' })
  const worker = await dispatcher.connect(sharedWorker(start))
  const adder = await worker.spawn('Adder')
  return driven(adder, () => dispatcher.close())
}
