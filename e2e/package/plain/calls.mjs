// One class here, in a thread and behind a WebSocket; all closed at the end.
import assert from 'node:assert/strict'
import { Worker } from 'node:worker_threads'
import { Dispatcher, ask, stop, tell } from 'troupe'
import { webSocket } from 'troupe/websocket'
import { webSocketServer } from 'troupe/websocket-server'
import { workerThread } from 'troupe/worker-threads'
import { Counter } from './counter.mjs'

const dispatcher = new Dispatcher()
const server = new Dispatcher()
const { port } = await server.listen(webSocketServer({ port: 0 }), { actors: { Counter } })
const thread = await dispatcher.connect(
  workerThread(() => new Worker(new URL('./counter.worker.mjs', import.meta.url))),
)
const far = await dispatcher.connect(webSocket(`ws://127.0.0.1:${port}`))

for (const counter of [
  await dispatcher.spawn(Counter, { args: [10] }),
  await thread.spawn('Counter', { args: [10] }),
  await far.spawn('Counter', { args: [10] }),
]) {
  assert.equal(await counter.increment(2), 12)
  tell(counter).increment()
  assert.equal(await ask(counter, { timeout: 5_000 }).increment(), 14)
  const counted = []
  for await (const n of counter.countTo(17)) counted.push(n)
  assert.deepEqual(counted, [15, 16, 17])
  await stop(counter)
  await assert.rejects(counter.increment(), { code: 'stopped' })
}
await dispatcher.close()
await server.close()
console.log('done')
