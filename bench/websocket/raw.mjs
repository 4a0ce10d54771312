import { Callbacks } from '../callbacks.mjs'
import { calling, telling } from '../loops.mjs'
import { rawSocket } from './raw-socket.mjs'

export async function open() {
  const { calls, close } = await rawSocket(Callbacks)
  const handled = () => new Promise((resolve) => calls.call('handled', [], resolve))
  return {
    ask: (inFlight, total) => calling((done) => calls.call('add', [1, 2], done), inFlight, total),
    tell: (total) => telling(() => calls.tell('add', [1, 2]), handled, total),
    close,
  }
}
