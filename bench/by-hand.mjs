import { Callbacks } from './callbacks.mjs'
import { awaiting, calling, telling } from './loops.mjs'
import { Promises } from './promises.mjs'

// `connect` is given what takes the replies, and returns how one posts and how one closes.

/** Calls with bare callbacks as a contender. */
export async function byCallbacks(connect) {
  const { post, close } = await connect((reply) => calls.receive(reply))
  const calls = new Callbacks(post)
  const handled = () => new Promise((resolve) => calls.call('handled', [], resolve))
  return {
    ask: (inFlight, total) => calling((done) => calls.call('add', [1, 2], done), inFlight, total),
    tell: (total) => telling(() => calls.tell('add', [1, 2]), handled, total),
    close,
  }
}

/** Calls with a promise each as a contender. */
export async function byPromises(connect) {
  const { post, close } = await connect((reply) => calls.receive(reply))
  const calls = new Promises(post)
  return { ask: (inFlight, total) => awaiting(() => calls.call('add', 1, 2), inFlight, total), close }
}
