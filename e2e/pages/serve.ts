import { Dispatcher } from 'troupe'
import { webSocketServer } from 'troupe/websocket-server'
import { webServer } from '../../demo/web-server.js'
import { Idler } from './idler.js'
import { Nomad, Sender } from './nomad.js'

// A process of its own, so that tests can kill it.
const { server, url, origins } = await webServer({
  root: process.argv[2]!,
  port: Number(process.env['PORT']),
  extra: { '/broken.js': 'const = broken\n', '/throwing.js': 'throw new Error("thrown at once")\n' },
})
await new Dispatcher().listen(webSocketServer({ server, path: '/actors', origins }), {
  actors: { Idler, Nomad, Sender },
})
console.log(`listening at ${url}`)
