import { Adder } from '../adder.mjs'
import { answer } from '../answer.mjs'

export function open() {
  const adder = new Adder()
  const channel = new BroadcastChannel('adder')
  channel.addEventListener('message', ({ data }) => answer(adder, data, (reply) => channel.postMessage(reply)))
}
