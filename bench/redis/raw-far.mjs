import { Redis } from 'ioredis'
import { Adder } from '../adder.mjs'
import { answer } from '../answer.mjs'
import { ready } from '../broker.mjs'

const adder = new Adder()
const port = Number(process.argv[2])
const [client, subscriber] = [new Redis(port), new Redis(port)]
await subscriber.subscribe('calls')
subscriber.on('message', (_channel, text) =>
  answer(adder, JSON.parse(text), (reply) => void client.publish('replies', JSON.stringify(reply))),
)
ready()
