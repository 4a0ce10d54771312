import { actor, Dispatcher } from 'troupe'
import { Adder } from '../adder.mjs'
import { driven } from '../driven.mjs'

export async function open() {
  const dispatcher = new Dispatcher()
  const adder = await dispatcher.spawn(actor(Adder))
  return driven(adder, () => dispatcher.close())
}
