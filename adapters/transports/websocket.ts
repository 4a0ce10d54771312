import { openSocket } from '#open-socket'
import { ActorError, type Connector, resuming, returning, type Token, type Transport } from '../../core/adapter.js'
import { given } from '../base/given.js'
import { presence } from '../base/presence.js'
import { SocketTransport } from '../base/socket.js'

/** The options of `webSocket`. */
export interface WebSocketOptions {
  /**
   * The server's `authorize` gets it. It is sent after the first frame of the server, or once that has proved the `key` if
   * `connect` has one, as it is: use `wss:`. A function may be async, and is called for each attempt to connect.
   */
  readonly token?: Token
}

/** A server that is gone is looked for until it is there again. */
const RESTART = { max: Infinity, within: 60_000, longest: 2_000 }

/**
 * Links with a server over a WebSocket, of the package `ws` in Node.js and of the platform everywhere else.
 *
 * Takes a URL. Returns what `connect` takes, which rejects with `unreachable`, with `origin` if the server refuses the
 * origin (in browsers as `unreachable`), and with `unauthorized`.
 *
 * If the connection breaks later, the link goes on over another one: see `peer.state`. If the server has forgotten the link,
 * the peer is linked anew, and what was spawned or looked up through it is brought back.
 */
export function webSocket(url: string | { readonly href: string }, options: WebSocketOptions = {}): Connector {
  return {
    token: options.token,
    returns: returning,
    resumes: resuming,
    restart: RESTART,
    presence,
    open: (frame, signal) => open(hrefOf(url), frame, signal),
  }
}

function hrefOf(url: string | { readonly href: string }): string {
  const href = typeof url === 'string' ? url : (url as typeof url | undefined | null)?.href
  if (typeof href === 'string') return href
  throw new ActorError('malformed', `webSocket takes a URL, such as 'wss://example.org', not ${given(url)}`)
}

async function open(url: string, frame: number, signal: AbortSignal | undefined): Promise<Transport> {
  let opened: ReturnType<typeof openSocket>
  try {
    opened = openSocket(url, frame)
  } catch (error) {
    throw new ActorError('malformed', `'${url}' is not the URL of a WebSocket`, { cause: error })
  }
  const { socket } = opened
  // Listens from the start: the server's first frame may come with the answer to the upgrade.
  const transport = new SocketTransport(socket, opened)
  signal?.addEventListener('abort', () => transport.close())
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', ({ message }: { message?: string }) => reject(refused(url, message)))
    void transport.closed.then(() => reject(refused(url, undefined)))
  })
  return transport
}

function refused(url: string, message: string | undefined): ActorError {
  const isOrigin = message?.endsWith(' 403') ?? false
  const text = `no WebSocket to ${url}${message ? `: ${message}` : ''}; is the server there, and does it allow this origin?`
  return new ActorError(isOrigin ? 'origin' : 'unreachable', text)
}
