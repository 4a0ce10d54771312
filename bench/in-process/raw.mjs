import { Adder } from '../adder.mjs'
import { awaiting } from '../loops.mjs'

export async function open() {
  const adder = new Adder()
  const add = async (a, b) => adder.add(a, b)
  return { ask: (inFlight, total) => awaiting(() => add(1, 2), inFlight, total), close: () => {} }
}
