import type { Handler } from '../actor/handler.js'
import { ActorError } from '../ground/errors.js'
import { isPromiseLike } from '../ground/promise-like.js'
import type { Message, Method, Reach } from '../message/message.js'
import { InterceptedCall } from './call.js'
import { EndingStream, isGenerator } from './ending-stream.js'
import type { CallOutcome, Interceptor } from './hooks.js'
import type { Chain } from './registry.js'
import { outcomeAfter, type Scope, settled, valueOf } from './settled.js'

/** Messages whose method ran and failed. One that is tried again, and refused then, does not say that it never ran. */
const failed = new WeakSet<Message>()

/**
 * One message on its way through its interceptors to the method. As long as no hook returns a promise, nor does this.
 *
 * It is what the message reaches of its actor: the method that it finds there is this.
 */
export class Run implements Reach, Scope {
  readonly #hooks: readonly Interceptor[]
  readonly #handler: Handler
  readonly #message: Message
  readonly #call: InterceptedCall
  #method: Method | undefined
  #hasRun = false

  constructor({ hooks, tags }: Chain, handler: Handler, message: Message) {
    this.#hooks = hooks
    this.#handler = handler
    this.#message = message
    this.#call = new InterceptedCall(handler, message, tags)
  }

  get methods(): ReadonlyMap<string, Method> {
    return this as unknown as ReadonlyMap<string, Method>
  }

  get properties(): ReadonlySet<string> {
    return this.#handler.plan.properties
  }

  get(name: string): Method | undefined {
    this.#method = this.#handler.plan.methods.get(name)
    return this.#method && (() => this.#start())
  }

  /** Calls that `work` makes before it first waits are made by the message's handler. */
  within(work: () => unknown): unknown {
    const { home } = this.#handler
    const outer = home.current
    home.current = this.#message
    try {
      return work()
    } finally {
      home.current = outer
    }
  }

  #start(): unknown {
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
    return settled(
      () => this.#before(hooks, place),
      (outcome) => this.#after(hooks, outcome),
      this,
    )
  }

  #before(hooks: Interceptor, place: number): unknown {
    if (!hooks.before) return this.#around(hooks, place)
    const goOn = (value: unknown): unknown => (value === undefined ? this.#around(hooks, place) : value)
    const value = hooks.before(this.#call)
    return isPromiseLike(value) ? Promise.resolve(value).then((result) => this.within(() => goOn(result))) : goOn(value)
  }

  #around(hooks: Interceptor, place: number): unknown {
    if (!hooks.around) return this.#layer(place + 1)
    let inner: unknown
    let isClosed = false
    const next = (): unknown => {
      if (isClosed) throw new ActorError('malformed', `next() of ${this.#call.method}() was called twice, or too late`)
      isClosed = true
      return (inner = this.within(() => this.#layer(place + 1)))
    }
    return settled(
      () => hooks.around!(this.#call, next),
      (outcome) => {
        // A generator calls it when it is read.
        if (outcome.status === 'rejected' || !isGenerator(outcome.value)) isClosed = true
        // The actor is busy until its method has ended, whether the hook waited for that or not.
        return isPromiseLike(inner)
          ? outcomeAfter(Promise.resolve(inner).then(nothing, nothing), outcome)
          : valueOf(outcome)
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
    const { args, method } = this.#call
    if (!Array.isArray(args)) throw new ActorError('malformed', `a hook of ${method}() set 'args' to what is no array`)
    this.#hasRun = true
    return Reflect.apply(this.#method!, this.#call.actor, args)
  }
}

const nothing = (): void => {}
