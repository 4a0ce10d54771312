import { ActorError } from '../../core/ground/errors.js'
import { refOf } from '../../core/proxy/proxy.js'
import { given, has } from '../base/given.js'
import type { PortLike } from '../base/port.js'

/** What Comlink calls an endpoint: a worker, a port, `self` in a worker, a `windowEndpoint`; in Node also bare ports and workers. */
export interface ComlinkEndpoint extends PortLike {
  removeEventListener?(type: string, listener: object | null): void
  off?(type: never, listener: never): unknown
  terminate?(): unknown
}

export interface Ears {
  /** `origin` is empty where the platform names none: ports and workers. */
  heard(data: unknown, origin: string): void
  /** Something came that cannot be read in this realm. */
  unreadable?(): void
  /** The other end is gone; called at most once, and not after `end`. */
  ended(reason: ActorError): void
}

/** One end of an endpoint: hears what comes, and that the other end is gone where the platform tells. */
export class Line {
  readonly #endpoint: ComlinkEndpoint
  readonly #undo: (() => void)[] = []
  readonly #isPort: boolean
  readonly #ears: Ears
  #isHeard = false

  constructor(endpoint: ComlinkEndpoint, ears: Ears) {
    if (refOf(endpoint) || !has(endpoint, 'postMessage') || !(has(endpoint, 'on') || has(endpoint, 'addEventListener')))
      throw new ActorError('malformed', `a worker, a port or another endpoint was expected, not ${given(endpoint)}`)
    this.#endpoint = endpoint
    this.#ears = ears
    // By name, as Comlink does: in Node a port is no instance of the global class everywhere.
    this.#isPort = (endpoint.constructor as { name?: string } | undefined)?.name === 'MessagePort'
    if (endpoint.on) this.#on('message', (data: unknown) => this.#heard(data, ''))
    else this.#on('message', ({ data, origin }: { data: unknown; origin?: string }) => this.#heard(data, origin ?? ''))
    if (this.#isPort) this.#listenToPort()
    else if (endpoint.terminate) this.#listenToWorker()
    endpoint.start?.()
  }

  /** Whether the other end may be gone without anything telling. */
  get isSilent(): boolean {
    if (this.#isPort) return !this.#endpoint.on && !('onclose' in this.#endpoint)
    return !(this.#endpoint.on && this.#endpoint.terminate)
  }

  /** Throws where the platform cannot clone the message. */
  post(message: object, transfer: readonly object[]): void {
    this.#endpoint.postMessage(message, transfer)
  }

  /** Whether it keeps a process alive. */
  hold(active: boolean): void {
    if (active) this.#endpoint.ref?.()
    else this.#endpoint.unref?.()
  }

  /** Hears nothing more. Of what was handed in, only ports are closed: Comlink does the same when it releases one. */
  end(): void {
    for (const undo of this.#undo.splice(0)) undo()
    if (this.#isPort) this.#endpoint.close?.()
  }

  #heard(data: unknown, origin: string): void {
    this.#isHeard = true
    this.#ears.heard(data, origin)
  }

  #gone(text: string, cause?: unknown): void {
    for (const undo of this.#undo.splice(0)) undo()
    this.#ears.ended(new ActorError('unreachable', text, { cause }))
  }

  #listenToPort(): void {
    this.#on('close', () => this.#gone('the port was closed'))
    this.#on('messageerror', () => this.#ears.unreadable?.())
  }

  #listenToWorker(): void {
    this.#on('messageerror', () => this.#ears.unreadable?.())
    if (this.#endpoint.on) {
      let failure: unknown
      this.#on('error', (error: unknown) => (failure = error))
      this.#on('exit', (code: unknown) => this.#gone(`the worker ended with code ${String(code)}`, failure))
      return
    }
    // An error in a worker that has spoken is one of its own, and it lives on.
    this.#on('error', ({ message = 'it could not be loaded' }: { message?: string }) => {
      if (!this.#isHeard) this.#gone('the worker never came up', new Error(message))
    })
    this.#undo.push(onTerminate(this.#endpoint, () => this.#gone('the worker was terminated')))
  }

  #on(type: string, listener: (detail: never) => void): void {
    const endpoint = this.#endpoint
    if (endpoint.on) {
      endpoint.on(type, listener)
      this.#undo.push(() => endpoint.off?.(type as never, listener as never))
    } else {
      endpoint.addEventListener!(type, listener)
      this.#undo.push(() => endpoint.removeEventListener?.(type, listener))
    }
  }
}

const terminations = new WeakMap<object, Set<() => void>>()

/** The only sign that a browser gives of a worker's end is the call that ends it. Returns its undo. */
function onTerminate(worker: ComlinkEndpoint, ended: () => void): () => void {
  let listeners = terminations.get(worker)
  if (!listeners) {
    const all = (listeners = new Set())
    terminations.set(worker, all)
    const terminate = worker.terminate!.bind(worker)
    worker.terminate = () => {
      const result: unknown = terminate()
      for (const listener of all) listener()
      return result
    }
  }
  listeners.add(ended)
  return () => void listeners.delete(ended)
}
