import { once } from 'node:events'
import { WebSocketServer } from 'ws'
import { Adder } from '../adder.mjs'
import { answer } from '../answer.mjs'
import { listening } from './server.mjs'

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
server.on('connection', (socket) => {
  const adder = new Adder()
  socket.on('message', (data) => answer(adder, JSON.parse(data), (reply) => socket.send(JSON.stringify(reply))))
})
await once(server, 'listening')
listening(server.address().port)
