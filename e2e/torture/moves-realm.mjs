// A thread, a child process, or with the argument 'server' a server that tells its parent its port.
import { isMainThread } from 'node:worker_threads'
import { Dispatcher } from 'troupe'
import { host as hostInProcess } from 'troupe/child-process'
import { webSocketServer } from 'troupe/websocket-server'
import { host as hostInThread } from 'troupe/worker-threads'
import { Nomad, Sender } from './moves-actors.mjs'

const actors = { Nomad, Sender }
if (!isMainThread) hostInThread(actors)
else if (process.argv[2] === 'server') {
  const { port } = await new Dispatcher().listen(webSocketServer({ port: 0 }), { actors })
  process.send(port)
  process.once('disconnect', () => process.exit())
} else hostInProcess(actors)
