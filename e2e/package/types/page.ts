// The same as a page sees it, which has no types of Node; compiled, never run.
import { Actor, ask, Dispatcher, stop, tell } from 'troupe'
import { indexedDb } from 'troupe/indexeddb'
import { messagePort } from 'troupe/message-port'
import { sharedWorker } from 'troupe/shared-worker'
import { leadership, singleton } from 'troupe/singleton'
import { webWorker } from 'troupe/web-worker'
import { webSocket } from 'troupe/websocket'
import type { actors } from './page.worker.js'

await using dispatcher = new Dispatcher()
const worker = await dispatcher.connect<typeof actors>(
  webWorker(() => new Worker(new URL('./page.worker.js', import.meta.url), { type: 'module' })),
)
const clock = await worker.spawn('Clock')
tell(clock).tick()
const ticks: number = await ask(clock, { signal: AbortSignal.timeout(500) }).tick()
document.title = String(ticks)
await dispatcher.connect(messagePort(new MessageChannel().port1))
await dispatcher.connect(webSocket('wss://example.org'))
await indexedDb('cart').commit([{ changes: [{ key: 'cart/1', value: new Uint8Array() }] }])
await stop(clock)

class Cart extends Actor {
  #items: string[]
  constructor(items: string[]) {
    super()
    this.#items = items
  }
  add(item: string): number {
    return this.#items.push(item)
  }
}
const cart = await singleton(dispatcher, Cart, { name: 'cart', args: [['milk']], lease: 2_000, version: 1 })
const length: number = await cart.add('bread')
const { state, leader } = leadership(cart)
leadership(cart).on('state', (now, { reason }) => console.log(length, state, leader, now, reason?.code))
const home = sharedWorker(() => new SharedWorker('cart.worker.js'))
const shared = await singleton<Cart>(dispatcher, 'Cart', { name: 'shared', args: [[]], home })
const added: number = await shared.add('butter')
document.title = String(added)
// @ts-expect-error -- the constructor needs its arguments
void singleton(dispatcher, Cart, { name: 'cart' })
// @ts-expect-error -- the name is needed
void singleton(dispatcher, Cart, { args: [['milk']] })
// @ts-expect-error -- a key needs a home
void singleton<Cart>(dispatcher, 'Cart', { name: 'cart' })
// @ts-expect-error -- a class that extends Actor is needed
void singleton(dispatcher, class {}, { name: 'cart' })
