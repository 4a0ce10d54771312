import { connect } from '@nats-io/transport-node'
import { Adder } from '../adder.mjs'
import { answer } from '../answer.mjs'
import { ready } from '../broker.mjs'

const adder = new Adder()
const connection = await connect({ servers: `127.0.0.1:${process.argv[2]}` })
connection.subscribe('calls', {
  callback: (_error, message) =>
    answer(adder, message.json(), (reply) => connection.publish(message.reply || 'replies', JSON.stringify(reply))),
})
await connection.flush()
ready()
