import { Dispatcher } from 'troupe'
import { webSocketServer } from 'troupe/websocket-server'
import { Adder } from '../adder.mjs'
import { listening } from './server.mjs'

const { port } = await new Dispatcher().listen(webSocketServer({ port: 0 }), { actors: { Adder } })
listening(port)
