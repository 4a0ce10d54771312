import type { Socket } from './socket.js'

/** The platform's WebSocket. Node takes `node-socket.ts` in place of this file (see `imports` in package.json). */
export function openSocket(
  url: string,
  _limit: number,
): { readonly socket: Socket; readonly hold?: (active: boolean) => void; readonly cut?: () => void } {
  const Platform = (globalThis as unknown as { WebSocket: new (url: string) => Socket }).WebSocket
  return { socket: new Platform(url) }
}
