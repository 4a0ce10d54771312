import { ActorError, type Codec, Deferred, flat, type Traits, type Transport } from '../../core/adapter.js'

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
export class PortTransport implements Transport {
  readonly codec: Codec
  readonly #port: PortLike
  readonly #end: () => void
  readonly #intercept: ((data: unknown) => boolean) | undefined
  readonly #closed = new Deferred<ActorError>()
  readonly #heartbeat: () => boolean
  #over = false

  constructor(port: PortLike, options: PortOptions = {}) {
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

  get closed(): Promise<ActorError> {
    return this.#closed.promise
  }

  send(data: unknown, transfer: readonly object[]): void {
    if (!this.#over) this.#port.postMessage(data, transfer)
  }

  receive(listener: (data: unknown) => void): void {
    const port = this.#port
    const take = (data: unknown): void => {
      if (!this.#over && !this.#intercept?.(data)) listener(data)
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

  close(): void {
    this.fail(new ActorError('stopped', 'the link was closed here'))
  }

  /** The other end is gone, or this end gives up. */
  fail(reason: ActorError): void {
    if (this.#over) return
    this.#over = true
    this.#end()
    this.#closed.resolve(reason)
  }
}
