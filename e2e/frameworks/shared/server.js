// A server for pages of the given origins: prints its address, and ends with its parent.
import { Dispatcher } from 'troupe'
import { webSocketServer } from 'troupe/websocket-server'
import { probes } from 'troupe/testing'
import { Ledger } from './ledger.js'

const { port } = await new Dispatcher({ log: () => {} }).listen(
  webSocketServer({ port: 0, origins: process.argv.slice(2) }),
  { actors: { ...probes, Ledger } },
)
process.send(`ws://127.0.0.1:${port}`)
process.once('disconnect', () => process.exit())
