import { Dispatcher } from 'troupe'
import { Adder } from '../adder.mjs'
import { driven } from '../driven.mjs'

export async function open() {
  const dispatcher = new Dispatcher()
  const adder = await dispatcher.spawn(Adder)
  return driven(adder, () => dispatcher.close())
}
