import { Dispatcher } from 'troupe'
import { webSocketServer } from 'troupe/websocket-server'
import { Counter } from './counter.js'
import { webServer } from './web-server.js'

/** Serves the page and, on the same port, the counters that it spawns here. */
export async function serve(root: string, port: number): Promise<string> {
  const { server, url, origins } = await webServer({ root, port })
  const dispatcher = new Dispatcher({
    log: ({ text, error }) => console.error(text, error instanceof Error ? error.message : error),
  })
  await dispatcher.listen(webSocketServer({ server, path: '/actors', origins }), { actors: { Counter } })
  return url
}
