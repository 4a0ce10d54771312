import { Dispatcher, tell } from 'troupe'
import { Adder } from '../adder.mjs'
import { awaiting, telling } from '../loops.mjs'

export async function open() {
  const dispatcher = new Dispatcher()
  const adder = await dispatcher.spawn(Adder)
  const oneWay = tell(adder)
  return {
    ask: (inFlight, total) => awaiting(() => adder.add(1, 2), inFlight, total),
    tell: (total) =>
      telling(
        () => oneWay.add(1, 2),
        () => adder.handled(),
        total,
      ),
    close: () => dispatcher.close(),
  }
}
