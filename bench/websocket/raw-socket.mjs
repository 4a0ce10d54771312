import { once } from 'node:events'
import { WebSocket } from 'ws'
import { serve } from './server.mjs'

/** A socket to the server of calls by hand, for either way to make them. */
export async function rawSocket(Calls) {
  const server = await serve('raw-server.mjs')
  const socket = new WebSocket(server.url, { perMessageDeflate: false })
  await once(socket, 'open')
  const calls = new Calls((message) => socket.send(JSON.stringify(message)))
  socket.on('message', (data) => calls.receive(JSON.parse(data)))
  const close = async () => {
    socket.close()
    await server.close()
  }
  return { calls, close }
}
