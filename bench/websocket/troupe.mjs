import { Dispatcher } from 'troupe'
import { webSocket } from 'troupe/websocket'
import { driven } from '../driven.mjs'
import { serve } from './server.mjs'

export async function open() {
  const server = await serve('troupe-server.mjs')
  const dispatcher = new Dispatcher()
  const peer = await dispatcher.connect(webSocket(server.url))
  const adder = await peer.spawn('Adder')
  return driven(adder, async () => {
    await dispatcher.close()
    await server.close()
  })
}
