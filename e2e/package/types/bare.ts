import { ask, Dispatcher } from 'troupe'
import { webSocket } from 'troupe/websocket'

/** For runtimes that have neither the types of a page nor those of Node. */
export async function increment(url: string): Promise<unknown> {
  const dispatcher = new Dispatcher()
  const server = await dispatcher.connect<{ Counter: new () => { increment(): number } }>(webSocket(url))
  const counter = await server.spawn('Counter')
  return ask(counter, { timeout: 500 }).increment()
}
