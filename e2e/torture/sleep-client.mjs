// A client for sleep.mjs: calls a server without a pause, and says what became of each call.
import { Dispatcher } from 'troupe'
import { webSocket } from 'troupe/websocket'

const [port, resume] = process.argv.slice(2).map(Number)
const dispatcher = new Dispatcher({ log: () => {}, limits: { resume } })
const peer = await dispatcher.connect(webSocket(`ws://127.0.0.1:${port}`))
peer.on('state', (state) => process.send({ state }))
const counter = await peer.spawn('Counter')
process.on('disconnect', () => process.exit())
for (;;) {
  const began = Date.now()
  const outcome = await counter.increment().then(
    (count) => ({ count }),
    ({ code, ran }) => ({ code, ran }),
  )
  process.send({ ...outcome, ms: Date.now() - began })
  await new Promise((resolve) => setTimeout(resolve, 20))
}
