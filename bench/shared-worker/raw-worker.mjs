import { Adder } from '../adder.mjs'
import { answer } from '../answer.mjs'

addEventListener('connect', ({ ports: [port] }) => {
  const adder = new Adder()
  port.addEventListener('message', ({ data }) => answer(adder, data, (reply) => port.postMessage(reply)))
  port.start()
})
