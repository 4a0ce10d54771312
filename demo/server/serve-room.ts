import type { Dispatcher } from 'troupe'
import type { WebServer } from '../web-server.js'
import { Faults } from './faults.js'
import { Relay } from './relay.js'
import { ForkedRoom } from './forked-room.js'

/** Serves the chat room at the path /chat. Resolves to what cuts and freezes connections to it, and restarts it. */
export async function serveRoom(dispatcher: Dispatcher, { server, origins }: WebServer): Promise<Faults> {
  const relay = new Relay()
  const room = new ForkedRoom()
  await room.start(dispatcher, origins)
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?', 1)[0] === '/chat') void relay.pass(request, socket, head, room.port)
  })
  return new Faults(relay, room)
}
