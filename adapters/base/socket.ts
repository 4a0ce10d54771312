import { ActorError, bytes, Channel, type ErrorCode, type Facts } from '../../core/adapter.js'

/* oxlint-disable typescript/no-explicit-any -- one shape for the platform's WebSocket and that of ws, whose types do not meet. */
/** The part of a WebSocket that is used: the platform's, or that of `ws`. */
export interface Socket {
  binaryType: any
  readonly readyState: number
  readonly bufferedAmount: number
  send(data: any): void
  close(code?: number, reason?: string): void
  on?(type: any, listener: any): unknown
  pause?(): void
  resume?(): void
  addEventListener(type: any, listener: any): void
}
/* oxlint-enable typescript/no-explicit-any */

const OPEN = 1
/** WebSocket close codes that say why, in our words. */
const REASONS: Readonly<Record<number, ErrorCode>> = { 1002: 'protocol', 1008: 'unauthorized', 1009: 'too-large' }

export interface SocketOptions {
  readonly facts?: Facts
  readonly hold?: (active: boolean) => void
  /** Called when the other end is let in. */
  readonly admitted?: () => void
  /** Called when the socket is being closed: ends it if the other end doesn't answer. */
  readonly cut?: () => void
}

/** An open WebSocket as a transport: the same on both sides. */
export class SocketTransport extends Channel {
  readonly traits = {
    payload: 'bytes',
    transfer: false,
    ordered: true,
    topology: 'pair',
    trusted: false,
    heartbeat: true,
    reconnects: true,
  } as const
  readonly codec = bytes
  readonly facts: Facts
  readonly #socket: Socket
  readonly #options: SocketOptions

  constructor(socket: Socket, options: SocketOptions = {}) {
    super()
    this.facts = options.facts ?? {}
    this.#socket = socket
    this.#options = options
    if (socket.on) {
      // ws: its own events skip the making of event objects.
      socket.on('message', (data: Uint8Array, isBinary: boolean) => this.take(isBinary ? data : String(data)))
      socket.on('close', (code: number, reason: Uint8Array) => this.#ended(code, String(reason)))
      socket.on('error', (error: Error & { code?: string }) => this.#failed(error))
    } else {
      socket.binaryType = 'arraybuffer'
      socket.addEventListener('message', ({ data }: { data: unknown }) => this.take(data))
      socket.addEventListener('close', ({ code, reason }: { code: number; reason: string }) =>
        this.#ended(code, reason),
      )
    }
  }

  get buffered(): number {
    return this.#socket.bufferedAmount
  }

  hold(active: boolean): void {
    this.#options.hold?.(active)
  }

  admitted(): void {
    this.#options.admitted?.()
  }

  pause(paused: boolean): void {
    if (paused) this.#socket.pause?.()
    else this.#socket.resume?.()
  }

  #ended(code: number, reason: string): void {
    this.fail(new ActorError(REASONS[code] ?? 'unreachable', `the WebSocket closed with code ${code} ${reason}`.trim()))
  }

  #failed(error: Error & { code?: string }): void {
    const tooLarge = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
    this.fail(
      new ActorError(tooLarge ? 'too-large' : 'unreachable', `the WebSocket failed: ${error.message}`, {
        cause: error,
      }),
    )
  }

  protected post(data: unknown): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(data)
  }

  protected end(): void {
    this.#socket.close()
    this.#options.cut?.()
  }
}
