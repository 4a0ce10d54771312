import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Actor, Dispatcher } from '../../core/index.js'
import { webSocket } from './websocket.js'
import { webSocketServer } from './websocket-server.js'

class Measure extends Actor {
  size(text: string): number {
    return text.length
  }
}
const actors = { Measure }
const quiet = { log: () => {} }

let http: Server
let sockets: Set<Socket>
let isRefused = false
let server: Dispatcher
let client: Dispatcher
let url: string
beforeEach(async () => {
  sockets = new Set()
  isRefused = false
  http = createServer()
  http.on('connection', (socket) => {
    if (isRefused) return socket.destroy()
    sockets.add(socket)
    return socket.once('close', () => sockets.delete(socket))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  server = new Dispatcher(quiet)
  await server.listen(webSocketServer({ server: http }), { actors })
  client = new Dispatcher(quiet)
  url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`
})
afterEach(async () => {
  await client.close()
  http.close()
  await server.close({ mode: 'kill' })
})

describe('what a client has for the server as soon as there is a connection', () => {
  test.each([
    ['one call of 900 kB', 1, 900_000],
    ['a thousand calls of 1 kB', 1_000, 1_000],
    ['30 calls of 200 kB', 30, 200_000],
  ])('arrives after an outage: %s', async (_, count, size) => {
    const peer = await client.connect<typeof actors>(webSocket(url))
    const measure = await peer.spawn('Measure')
    const states: string[] = []
    peer.on('state', (state) => states.push(state))
    isRefused = true
    const gone = new Promise<void>((resolve) => peer.on('state', () => resolve()))
    for (const socket of sockets) socket.destroy()
    await gone
    const calls = Array.from({ length: count }, () => measure.size('x'.repeat(size)))
    isRefused = false
    expect(new Set(await Promise.all(calls))).toEqual(new Set([size]))
    expect(states.filter((state) => state === 'open')).toHaveLength(1)
  })

  test('arrives with the first connection', async () => {
    const peer = await client.connect<typeof actors>(webSocket(url))
    const sizes = Array.from({ length: 20 }, async () => (await peer.spawn('Measure')).size('x'.repeat(900_000)))
    expect(await Promise.all(sizes)).toEqual(sizes.map(() => 900_000))
  })
})
