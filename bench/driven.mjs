import { tell } from 'troupe'
import { awaiting, telling } from './loops.mjs'

/** An adder behind any proxy as a contender: the same loops wherever it runs. */
export function driven(adder, close) {
  const oneWay = tell(adder)
  return {
    ask: (inFlight, total) => awaiting(() => adder.add(1, 2), inFlight, total),
    tell: (total) =>
      telling(
        () => oneWay.add(1, 2),
        () => adder.handled(),
        total,
      ),
    close,
  }
}
