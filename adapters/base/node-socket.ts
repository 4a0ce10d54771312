import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { cut } from './cut.js'
import type { Socket } from './socket.js'

/** `ws`, also where Node has a WebSocket of its own: that one cannot be told not to keep the process alive. */
export function openSocket(
  url: string,
  limit: number,
): { readonly socket: Socket; readonly hold: (active: boolean) => void; readonly cut: () => void } {
  const socket = new WebSocket(url, { maxPayload: limit, perMessageDeflate: false, handshakeTimeout: 30_000 })
  let held = true
  let raw: IncomingMessage['socket'] | undefined
  const apply = (): void => void (held ? raw?.ref() : raw?.unref())
  socket.once('upgrade', (response) => {
    raw = response.socket
    apply()
  })
  return {
    socket,
    cut: () => cut(socket),
    hold: (active) => {
      held = active
      apply()
    },
  }
}
