import { Dispatcher } from 'troupe'
import { webSocketServer } from 'troupe/websocket-server'
import { Counter } from './counter.js'
import { serveRoom } from './server/serve-room.js'
import { webServer } from './web-server.js'

/** Serves the pages and, on the same port, the counters that they spawn here, and a chat room in a process of its own. */
export async function serve(root: string, port: number): Promise<string> {
  const web = await webServer({ root, port })
  const { server, url, origins } = web
  const dispatcher = new Dispatcher({
    log: ({ text, error }) => console.error(text, error instanceof Error ? error.message : error),
  })
  const faults = await serveRoom(dispatcher, web)
  await dispatcher.listen(webSocketServer({ server, path: '/actors', origins }), { actors: { Counter, faults } })
  return url
}
