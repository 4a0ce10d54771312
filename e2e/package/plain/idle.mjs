// Nothing is closed: a dispatcher with an idle thread does not keep the process alive.
import { Worker } from 'node:worker_threads'
import { Dispatcher } from 'troupe'
import { workerThread } from 'troupe/worker-threads'
import { Counter } from './counter.mjs'

const dispatcher = new Dispatcher()
const here = await dispatcher.spawn(Counter)
const thread = await dispatcher.connect(
  workerThread(() => new Worker(new URL('./counter.worker.mjs', import.meta.url))),
)
const counter = await thread.spawn('Counter', { name: 'counter' })
console.log(await here.increment(), await counter.increment(41))
