import { parentPort } from 'node:worker_threads'
import { Adder } from '../adder.mjs'
import { answer } from '../answer.mjs'

const adder = new Adder()
parentPort.on('message', (message) => answer(adder, message, (reply) => parentPort.postMessage(reply)))
