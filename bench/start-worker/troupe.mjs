import { Dispatcher } from 'troupe'
import { webWorker } from 'troupe/web-worker'

const dispatcher = new Dispatcher()
const make = () => new Worker(new URL('troupe-worker.mjs', import.meta.url), { type: 'module' })

export async function start() {
  const peer = await dispatcher.connect(webWorker(make))
  const adder = await peer.spawn('Adder')
  return { sum: await adder.add(1, 2), close: () => peer.close() }
}
