import { actor } from 'troupe'
import { Adder } from '../adder.mjs'
import { connected } from './connected.mjs'

export async function open() {
  const { dispatcher, broker } = await connected()
  await broker.offer(await dispatcher.spawn(actor(Adder)))
}
