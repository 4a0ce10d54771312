import { Dispatcher, tell } from 'troupe'
import { webSocket } from 'troupe/websocket'
import { awaiting, telling } from '../loops.mjs'
import { serve } from './server.mjs'

export async function open() {
  const server = await serve('troupe-server.mjs')
  const dispatcher = new Dispatcher()
  const peer = await dispatcher.connect(webSocket(server.url))
  const adder = await peer.spawn('Adder')
  const oneWay = tell(adder)
  return {
    ask: (inFlight, total) => awaiting(() => adder.add(1, 2), inFlight, total),
    tell: (total) =>
      telling(
        () => oneWay.add(1, 2),
        () => adder.handled(),
        total,
      ),
    close: async () => {
      await dispatcher.close()
      await server.close()
    },
  }
}
