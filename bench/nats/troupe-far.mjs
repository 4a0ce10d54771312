import { connect } from '@nats-io/transport-node'
import { Dispatcher } from 'troupe'
import { nats } from 'troupe/nats'
import { Adder } from '../adder.mjs'
import { ready } from '../broker.mjs'

const connection = await connect({ servers: `127.0.0.1:${process.argv[2]}` })
await new Dispatcher().join(nats(connection), { actors: { Adder } })
ready()
