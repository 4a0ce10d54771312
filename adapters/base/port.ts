import { ActorError, Channel, type Codec, flat, type Traits } from '../../core/adapter.js'

/* oxlint-disable typescript/no-explicit-any -- one shape for the platform's ports in browsers and in Node, whose types do not meet. */
/** What everything port-shaped has in common: MessagePort, Worker, a worker's global scope; in browsers and in Node. */
export interface PortLike {
  postMessage(data: any, transfer?: any): void
  addEventListener?(type: any, listener: any): void
  on?(type: any, listener: any): unknown
  start?(): void
  close?(): void
  ref?(): void
  unref?(): void
}
/* oxlint-enable typescript/no-explicit-any */

export interface PortOptions {
  /** How frames look; a flat array unless given. */
  readonly codec?: Codec
  /** Whether the other end may die without an event; unless given, wherever ports have no `close` event. */
  readonly heartbeat?: () => boolean
  /** Ends the platform object; `port.close()` unless given. */
  readonly end?: () => void
  /** Takes messages that are the adapter's own; true if it was one. */
  readonly intercept?: (data: unknown) => boolean
}

/** The shared base of all port-shaped adapters. */
export class PortTransport extends Channel {
  readonly codec: Codec
  readonly #port: PortLike
  readonly #end: () => void
  readonly #intercept: ((data: unknown) => boolean) | undefined
  readonly #heartbeat: () => boolean

  constructor(port: PortLike, options: PortOptions = {}) {
    super()
    this.#port = port
    this.codec = options.codec ?? flat
    this.#heartbeat = options.heartbeat ?? (() => !(port.on || 'onclose' in port))
    this.#end = options.end ?? (() => port.close?.())
    this.#intercept = options.intercept
  }

  get traits(): Traits {
    return {
      payload: 'clone',
      transfer: true,
      ordered: true,
      topology: 'pair',
      trusted: true,
      heartbeat: this.#heartbeat(),
    }
  }

  override receive(listener: (data: unknown) => void): void {
    super.receive(listener)
    const port = this.#port
    const take = (data: unknown): void => {
      if (!this.#intercept?.(data)) this.take(data)
    }
    const unreadable = (): void => this.fail(new ActorError('malformed', 'a message could not be read in this realm'))
    if (port.on) {
      port.on('message', take)
      port.on('messageerror', unreadable)
      port.on('close', () => this.fail(new ActorError('unreachable', 'the port was closed')))
      port.unref?.()
    } else {
      port.addEventListener!('message', (event: { data: unknown }) => take(event.data))
      port.addEventListener!('messageerror', unreadable)
      port.addEventListener!('close', () => this.fail(new ActorError('unreachable', 'the port was closed')))
    }
    port.start?.()
  }

  hold(active: boolean): void {
    if (active) this.#port.ref?.()
    else this.#port.unref?.()
  }

  protected post(data: unknown, transfer: readonly object[]): void {
    this.#port.postMessage(data, transfer)
  }

  protected end(): void {
    this.#end()
  }
}
