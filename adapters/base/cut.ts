import type { WebSocket } from 'ws'

// As it is when this is loaded: tests may put a fake one in its place. Not imported: browsers load this file, too.
const { setTimeout } = globalThis
/** Milliseconds in which the other end takes more of what was sent, or answers the close frame. */
const TIMEOUT = 2_000

/** Cuts a socket that is being closed when its other end is silent. `ws` itself waits for 30 s. */
export function cut(socket: WebSocket): void {
  const { bufferedAmount } = socket
  const timer = setTimeout(() => {
    if (socket.bufferedAmount < bufferedAmount) cut(socket)
    else socket.terminate()
  }, TIMEOUT)
  // Tests in jsdom have its timers, which are numbers.
  timer.unref?.()
}
