import { Worker } from 'node:worker_threads'
import { Dispatcher } from 'troupe'
import { webSocketServer } from 'troupe/websocket-server'
import { workerThread } from 'troupe/worker-threads'
import { webServer } from '../../demo/web-server.js'

// Pages that are not isolated: the first of several runs the SharedWorker in its own process then.
const { server, url, origins } = await webServer({ root: process.argv[2]!, port: 0, isolated: false })
const dispatcher = new Dispatcher()
await dispatcher.connect(workerThread(() => new Worker(new URL('./cellar.thread.js', import.meta.url))))
await dispatcher.listen(webSocketServer({ server, path: '/actors', origins }), {
  authorize: () => ({ names: ['cellar'] }),
})
console.log(`listening at ${url}`)
