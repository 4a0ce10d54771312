import { Adder } from '../adder.mjs'
import { answer } from '../answer.mjs'

const adder = new Adder()
process.on('message', (message) => answer(adder, message, (reply) => process.send(reply)))
