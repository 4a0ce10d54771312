import { dispatch, query, spawnStateless, start, stop } from 'nact'
import { Adder } from '../adder.mjs'
import { awaiting, telling } from '../loops.mjs'

const TIMEOUT = 10_000

export async function open() {
  const system = start()
  const adder = new Adder()
  const actor = spawnStateless(system, ({ method, args, sender }) => {
    const result = adder[method](...args)
    if (sender) dispatch(sender, result)
  })
  const call = (method, ...args) => query(actor, (sender) => ({ method, args, sender }), TIMEOUT)
  return {
    ask: (inFlight, total) => awaiting(() => call('add', 1, 2), inFlight, total),
    tell: (total) =>
      telling(
        () => dispatch(actor, { method: 'add', args: [1, 2] }),
        () => call('handled'),
        total,
      ),
    close: () => stop(system),
  }
}
