import { awaiting } from '../loops.mjs'
import { Promises } from '../promises.mjs'
import { rawSocket } from './raw-socket.mjs'

export async function open() {
  const { calls, close } = await rawSocket(Promises)
  return { ask: (inFlight, total) => awaiting(() => calls.call('add', 1, 2), inFlight, total), close }
}
