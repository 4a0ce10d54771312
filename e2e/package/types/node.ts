// The public face as a Node program sees it; compiled, never run.
import { Worker } from 'node:worker_threads'
import { type Actor, ActorError, address, ask, Dispatcher, type Proxy, same, stop, tell } from 'troupe'
import { memory } from 'troupe/memory'
import type { Store } from 'troupe/durable'
import { messagePort } from 'troupe/message-port'
import { sqlite } from 'troupe/sqlite'
import { webSocket } from 'troupe/websocket'
import { webSocketServer } from 'troupe/websocket-server'
import { workerThread } from 'troupe/worker-threads'
import { type actors, Counter, Room } from './counter.worker.js'

await using dispatcher = new Dispatcher({ limits: { depth: 10 } })
const counter = await dispatcher.spawn(Counter, { name: 'counter', args: [10] })
const first: number = await counter.increment(2)
tell(counter).increment()
const second: number = await ask(counter, { timeout: 500, signal: AbortSignal.timeout(500) }).increment()
for await (const n of counter.countTo(20)) n.toFixed()
const found: Proxy<Counter> | undefined = await dispatcher.lookup<Counter>('counter')

const thread = await dispatcher.connect<typeof actors>(
  workerThread(() => new Worker(new URL('./counter.worker.js', import.meta.url))),
)
await using far = await thread.spawn('Counter', { args: [10] })
const room = await thread.spawn('Room', { args: ['here'] })
const title: string = await room.title()
await dispatcher.connect<{ Room: typeof Room }>(webSocket('wss://example.org', { token: 'secret' }))
const { port } = await dispatcher.listen(webSocketServer({ port: 0 }), {
  actors: { Room },
  authorize: ({ token }) => token === 'secret',
})
const [near, other] = memory()
await dispatcher.listen(other, { actors: { Counter } })
await dispatcher.connect(near)
await dispatcher.connect(messagePort(new MessageChannel().port1))
const store: Store = sqlite('cart.db', { timeout: 500 })
await store.close()

// @ts-expect-error no such method
await counter.decrement()
// @ts-expect-error a wrong argument
await counter.increment('1')
// @ts-expect-error a hook is no message
await counter.onStart()
// @ts-expect-error no such actor
await thread.spawn('Clock')
// @ts-expect-error an argument that must be given
await thread.spawn('Room')
// @ts-expect-error the same here
await dispatcher.spawn(Room)
// @ts-expect-error any class is hosted, but one that does not extend Actor is named as an actor where it is spawned
await dispatcher.spawn(class {})

const anyone: Proxy<Actor> = counter
// @ts-expect-error neither a file name nor an open database
sqlite({ exec: () => {} })

export const all = [first, second, found, far, title, port, anyone, address(counter).path, same(counter, far)]
await stop(counter).catch((error: unknown) => {
  if (error instanceof ActorError && error.code === 'stopped' && error.ran === 'no') return
  throw error
})
