import { openSocket } from '#open-socket'
import { ActorError, type Connector, type Transport } from '../../core/adapter.js'
import { type Socket, SocketTransport } from '../base/socket.js'

export interface WebSocketOptions {
  /** Shown to the server's `authorize`, and to nobody before the server has said hello. */
  readonly token?: string
}

/** Links with a server over a WebSocket: `ws` in Node, the platform's everywhere else. */
export function webSocket(url: string | URL, options: WebSocketOptions = {}): Connector {
  return { token: options.token, open: (frame) => open(String(url), frame) }
}

async function open(url: string, frame: number): Promise<Transport> {
  let opened: ReturnType<typeof openSocket>
  try {
    opened = openSocket(url, frame)
  } catch (error) {
    throw new ActorError('unreachable', `'${url}' is no address of a WebSocket`, { cause: error })
  }
  const { socket, hold } = opened
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', (event: { message?: string }) => reject(refused(url, socket, event.message)))
  })
  return new SocketTransport(socket, hold ? { hold } : {})
}

function refused(url: string, socket: Socket, message: string | undefined): ActorError {
  socket.close()
  const isOrigin = message?.endsWith(' 403') ?? false
  const text = `no WebSocket to ${url}${message ? `: ${message}` : ''}; is the server there, and does it allow this origin?`
  return new ActorError(isOrigin ? 'origin' : 'unreachable', text)
}
