import { Adder } from '../adder.mjs'
import { answer } from '../answer.mjs'

const adder = new Adder()
addEventListener('message', ({ data }) => answer(adder, data, (reply) => postMessage(reply)))
