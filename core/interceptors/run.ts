import type { Handler } from '../actor/handler.js'
import { ActorError } from '../ground/errors.js'
import type { Message, Method } from '../message/message.js'
import { InterceptedCall } from './call.js'
import { EndingStream, isGenerator } from './ending-stream.js'
import type { CallOutcome, Interceptor } from './hooks.js'
import type { Chain } from './registry.js'
import { isPromise, outcomeAfter, settled, valueOf } from './settled.js'

/** Messages whose method ran and failed. One that is tried again, and refused then, does not say that it never ran. */
const failed = new WeakSet<Message>()

/** One message on its way through its interceptors to the method. As long as no hook returns a promise, nor does this. */
export class Run {
  readonly #hooks: readonly Interceptor[]
  readonly #handler: Handler
  readonly #message: Message
  readonly #method: Method
  readonly #call: InterceptedCall
  #hasRun = false

  constructor({ hooks, tags }: Chain, handler: Handler, message: Message, method: Method) {
    this.#hooks = hooks
    this.#handler = handler
    this.#message = message
    this.#method = method
    this.#call = new InterceptedCall(handler, message, tags)
  }

  start(): unknown {
    const message = this.#message
    return settled(
      () => this.#layer(0),
      (outcome) => {
        if (outcome.status === 'fulfilled') return outcome.value
        if (this.#hasRun) failed.add(message)
        if (failed.has(message)) throw outcome.reason
        // The actor has not failed: nothing of it has run.
        message.refuse(outcome.reason as ActorError)
        return undefined
      },
    )
  }

  #layer(place: number): unknown {
    const hooks = this.#hooks[place]
    if (!hooks) return this.#invoke()
    if (!hooks.after) return this.#before(hooks, place)
    return this.#settled(
      () => this.#before(hooks, place),
      (outcome) => this.#after(hooks, outcome),
    )
  }

  #before(hooks: Interceptor, place: number): unknown {
    if (!hooks.before) return this.#around(hooks, place)
    return this.#settled(
      () => hooks.before!(this.#call),
      (outcome) => {
        const value = valueOf(outcome)
        return value === undefined ? this.#around(hooks, place) : value
      },
    )
  }

  #around(hooks: Interceptor, place: number): unknown {
    if (!hooks.around) return this.#layer(place + 1)
    let inner: unknown
    let isClosed = false
    const next = (): unknown => {
      if (isClosed) throw new ActorError('malformed', `next() of ${this.#call.method}() was called twice, or too late`)
      isClosed = true
      return (inner = this.#within(() => this.#layer(place + 1)))
    }
    return this.#settled(
      () => hooks.around!(this.#call, next),
      (outcome) => {
        // A generator calls it when it is read.
        if (outcome.status === 'rejected' || !isGenerator(outcome.value)) isClosed = true
        // The actor is busy until its method has ended, whether the hook waited for that or not.
        return isPromise(inner) ? outcomeAfter(inner.then(nothing, nothing), outcome) : valueOf(outcome)
      },
    )
  }

  #after(hooks: Interceptor, outcome: CallOutcome): unknown {
    const value = outcome.status === 'fulfilled' && outcome.value
    if (isGenerator(value)) return new EndingStream(value, this.#handler.home, (end) => hooks.after!(this.#call, end))
    return outcomeAfter(hooks.after!(this.#call, outcome), outcome)
  }

  #invoke(): unknown {
    const message = this.#message
    // A hook waited, and the call was given up meanwhile.
    if (message.gaveUp) throw message.signal.reason
    this.#hasRun = true
    return Reflect.apply(this.#method, this.#call.actor, this.#call.args)
  }

  #settled(work: () => unknown, then: (outcome: CallOutcome) => unknown): unknown {
    return settled(work, (outcome) => this.#within(() => then(outcome)))
  }

  /** Calls that `work` makes before it first waits are made by the message's handler. */
  #within(work: () => unknown): unknown {
    const { home } = this.#handler
    const outer = home.current
    home.current = this.#message
    try {
      return work()
    } finally {
      home.current = outer
    }
  }
}

const nothing = (): void => {}
