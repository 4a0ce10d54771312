import { ActorError, Channel, type Codec, type Facts, flat, type Ports, type Traits } from '../../core/adapter.js'
import { hasLocks, heldLocks, holdLock, isLockName, lockName, watchLock } from './web-locks.js'
import { endWhenPutAway } from './page.js'

/* oxlint-disable typescript/no-explicit-any -- one shape for the platform's ports in browsers and in Node, whose types do not meet. */
/** What everything port-shaped has in common: MessagePort, Worker, a worker's global scope; in browsers and in Node. */
export interface PortLike {
  postMessage(data: any, transfer?: any): void
  addEventListener?(type: any, listener: any): void
  removeEventListener?(type: any, listener: any): void
  on?(type: any, listener: any): unknown
  off?(type: any, listener: any): unknown
  start?(): void
  close?(): void
  ref?(): void
  unref?(): void
}
/* oxlint-enable typescript/no-explicit-any */

export interface PortOptions {
  /** `flat` unless given; `adaptive` writes many frames as bytes, where the other end reads them. */
  readonly codec?: Codec | undefined
  /** Ends the platform object; `port.close()` unless given. False if it goes on, and can have another link. */
  readonly end?: () => unknown
  /** Hears of the first message, whatever it is. */
  readonly heard?: () => void
  /** Whether the other end is ours; it is unless told. */
  readonly trusted?: boolean
  readonly facts?: Facts
  /** Whether the other end is of this origin for certain. */
  readonly sameOrigin?: boolean
  /** Which of the two realms cannot outlive the other, if one of them cannot. */
  readonly dependent?: 'this' | 'other'
  /**
   * The name of the lock that this realm holds for the other one to wait for. Set here once it is held; links one after
   * the other with the same options share it.
   */
  lock?: string
}

/** Ports that have a link now, or ended with one. */
const linked = new WeakSet<object>()

declare const MessageChannel: new () => { readonly port1: object; readonly port2: object }

/**
 * The shared base of all port-shaped adapters.
 *
 * A port in a browser does not tell when the realm at its other end is gone. So each realm holds a Web Lock
 * for as long as it has the port and names it in its first message, and in the first after it heard from the other
 * one; that one waits for the lock.
 * The heartbeat does what is left: realms without locks or of two origins, and ports closed behind our back.
 */
export class PortTransport extends Channel {
  readonly codec: Codec
  readonly facts: Facts
  readonly ports: Ports
  readonly #port: PortLike
  readonly #options: PortOptions
  readonly #trusted: boolean
  /** What waits for the lock: nothing is said by a realm whose end would go unnoticed. */
  #waiting: [data: unknown, transfer: readonly object[]][] | undefined
  #release: (() => void) | undefined
  #unwatch: (() => void) | undefined
  #ended = false

  constructor(port: PortLike, options: PortOptions = {}) {
    super()
    if (linked.has(port)) {
      const text = 'this worker or port already has a link, or was closed with one; close that first, or make a new one'
      throw new ActorError('malformed', text)
    }
    linked.add(port)
    this.#port = port
    this.#options = options
    this.#trusted = options.trusted ?? true
    this.facts = options.facts ?? {}
    this.codec = options.codec ?? flat
    this.ports = {
      channel: () => {
        const { port1, port2 } = new MessageChannel()
        return [port1, port2]
      },
      open: (other) => {
        const transport = new PortTransport(other as PortLike, { sameOrigin: true, codec: this.codec })
        endWhenPutAway(transport)
        return transport
      },
    }
    this.#listen()
    if (this.#trusted && !port.on && options.dependent !== 'other' && hasLocks()) this.#live()
  }

  get traits(): Traits {
    return {
      payload: 'clone',
      transfer: true,
      ordered: true,
      topology: 'pair',
      trusted: this.#trusted,
      heartbeat: this.#isSilent(),
    }
  }

  hold(active: boolean): void {
    if (active) this.#port.ref?.()
    else this.#port.unref?.()
  }

  protected post(data: unknown, transfer: readonly object[]): void {
    if (this.#waiting) this.#waiting.push([data, transfer])
    // To move bytes is cheaper than to clone them in browsers, and dearer in Node.
    else this.#port.postMessage(data, data instanceof Uint8Array && !this.#port.on ? [data.buffer] : transfer)
  }

  protected end(): void {
    this.#flush()
    this.#ended = true
    this.#unwatch?.()
    const { end } = this.#options
    if (!end) {
      this.#release?.()
      this.#port.close?.()
      // The name of the lock may still be on its way to the next link: it is held on.
    } else if (end() === false) linked.delete(this.#port)
  }

  /** Whether the other end may be gone without anything telling. */
  #isSilent(): boolean {
    const { dependent } = this.#options
    if (this.#port.on || 'onclose' in this.#port || dependent === 'this') return false
    return dependent === undefined || !this.#unwatch
  }

  #listen(): void {
    const port = this.#port
    let isFirst = true
    const take = (data: unknown): void => {
      if (isFirst) {
        this.#options.heard?.()
        // What was said before may have reached a realm that did not listen yet; this one does.
        const { lock } = this.#options
        if (lock) port.postMessage(lock, [])
      }
      isFirst = false
      if (this.#trusted && isLockName(data)) void this.#watch(data)
      else this.take(data)
    }
    const unreadable = (): void => this.miss()
    const closed = (): void => this.fail(new ActorError('unreachable', 'the port was closed'))
    if (port.on) {
      port.on('message', take)
      port.on('messageerror', unreadable)
      port.on('close', closed)
      port.unref?.()
    } else {
      port.addEventListener!('message', (event: { data: unknown }) => take(event.data))
      port.addEventListener!('messageerror', unreadable)
      port.addEventListener!('close', closed)
    }
    port.start?.()
  }

  #live(): void {
    const { lock } = this.#options
    if (lock) return this.#port.postMessage(lock, [])
    const name = lockName()
    this.#waiting = []
    void holdLock(name, new Promise((release) => (this.#release = release))).then((isHeld) => {
      if (this.#ended) return
      if (isHeld) this.#port.postMessage((this.#options.lock = name), [])
      this.#flush()
    })
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const [data, transfer] of waiting ?? []) this.#port.postMessage(data, transfer)
  }

  async #watch(name: string): Promise<void> {
    if (this.#unwatch || this.#ended || !hasLocks()) return
    // The locks of another origin are not to be seen from here: this one would be free at once.
    if (!this.#options.sameOrigin && !(await heldLocks()).includes(name.slice(lockName('').length))) return
    if (this.#ended) return
    this.#unwatch = watchLock(name, () =>
      this.fail(new ActorError('unreachable', 'the realm at the other end is gone')),
    )
  }
}
