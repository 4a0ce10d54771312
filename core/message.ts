import { type Aborter, aborter } from './abort.js'
import type { Deadlined } from './deadlines.js'
import type { Chain } from './chain.js'
import { ActorError } from './errors.js'

/** Where a message can be delivered: an actor here, or one behind a link. */
export interface Receiver {
  deliver(message: Message): void
}

/** Who holds a message now and can take it back or tell its handler to give up. */
export interface Holder {
  /** True when the handler had not started and now never will. */
  withdraw(message: Message, reason: ActorError): boolean
}

/** Who called, as stamped by the link that brought the message. Absent for calls made in this realm. */
export interface Caller {
  readonly peer: string
  readonly user: unknown
}

export type Method = (...args: never) => unknown

/** Trace context and whatever else interceptors add; crosses every hop unchanged. */
export type Extensions = Readonly<Record<string, unknown>>

/**
 * One message on its way: the envelope and the place where its outcome goes.
 * Subclasses decide where that is: a promise here, a reply frame, or nowhere.
 */
export abstract class Message implements Deadlined {
  next: Message | undefined = undefined
  holder: Holder | undefined = undefined
  /** The actor that handles it, once it has arrived: the sender of what the handler sends. */
  receiver: Receiver | undefined = undefined
  /** Index in the pending table of the link that carries it. */
  slot = -1
  /** The message that does its work, where another one does. */
  inner: Message | undefined = undefined
  list: Deadlined['list'] = undefined
  earlier: Deadlined['earlier'] = undefined
  later: Deadlined['later'] = undefined
  /** The message whose handler waits for this one. */
  parent: Message | undefined = undefined
  /** Handlers in other realms that wait for this one. */
  chain: Chain | undefined = undefined
  /** Tells it from all messages that its actor ever handles; 0 until somebody asks. */
  serial = 0
  /** Sent with `context.ask` or `context.tell`: its sender is shown to whoever gets it. */
  signed = false
  started = false
  settled = false
  /** The calls that its handler made and that are not settled: the last one, and how they are linked. */
  #calls: Message | undefined
  #before: Message | undefined
  #after: Message | undefined
  #aborter: Aborter | undefined
  #cancelled: ActorError | undefined

  constructor(
    readonly method: string,
    public args: readonly unknown[],
    readonly sender: Receiver | undefined,
    /** Absolute, on the realm's clock; Infinity for none. */
    public deadline: number,
    readonly extensions: Extensions | undefined,
  ) {}

  /** Whether an outcome is awaited. */
  abstract readonly expectsReply: boolean
  abstract readonly caller: Caller | undefined
  protected abstract resolve(value: unknown): void
  protected abstract reject(error: unknown): void

  /** The message's work: a method of the actor; subclasses run a hook or one step of a stream. */
  invoke(instance: object, methods: ReadonlyMap<string, Method>): unknown {
    const method = methods.get(this.method)
    if (method) return Reflect.apply(method, instance, this.args)
    this.fail(new ActorError('not-exposed', `no method '${this.method.slice(0, 64)}' may be called from outside`))
    return undefined
  }

  /** Fires when the caller gave up: abort, deadline or the death of its realm. */
  get signal(): AbortSignal {
    if (!this.#aborter) {
      this.#aborter = aborter()
      if (this.#cancelled) this.#aborter.abort(this.#cancelled)
    }
    return this.#aborter.signal
  }

  /** Whether the caller gave up while the handler may run. */
  get gaveUp(): boolean {
    return this.#cancelled !== undefined
  }

  /** Only the first outcome counts; one that comes after the caller gave up is the giving up. */
  done(value: unknown): void {
    if (!this.#settle()) return
    if (this.#cancelled) this.reject(this.#cancelled.asRunning())
    else this.resolve(value)
  }

  fail(error: unknown): void {
    if (this.#settle()) this.reject(this.#cancelled?.asRunning() ?? error)
  }

  expire(): void {
    this.cancel(new ActorError('timeout', `${this.method}() passed its deadline`))
  }

  /** The caller gives up: the message is withdrawn if it has not started, else its signal fires. */
  cancel(reason: ActorError): void {
    if (this.settled || this.#cancelled) return
    const unstarted = this.holder ? this.holder.withdraw(this, reason) : !this.started
    if (unstarted) return this.fail(reason)
    this.#cancelled = reason
    this.inner?.cancel(reason)
    this.signalled(reason)
    this.abandon(reason)
    for (let call = this.#calls; call; call = this.#calls) {
      this.#remove(call)
      call.cancel(reason)
    }
  }

  /** A call that the handler makes: it is given up with this message. */
  calls(message: Message): void {
    message.parent = this
    message.#before = this.#calls
    if (this.#calls) this.#calls.#after = message
    this.#calls = message
    if (this.#cancelled) message.cancel(this.#cancelled)
  }

  /** Fires the signal that the handler sees. */
  protected signalled(reason: ActorError): void {
    this.#aborter?.abort(reason)
  }

  /** The caller gave up while the handler may still run. */
  protected abstract abandon(reason: ActorError): void

  #settle(): boolean {
    if (this.settled) return false
    this.settled = true
    this.list?.remove(this)
    if (this.parent) this.parent.#remove(this)
    return true
  }

  #remove(call: Message): void {
    const before = call.#before
    const after = call.#after
    if (after) after.#before = before
    else if (this.#calls === call) this.#calls = before
    if (before) before.#after = after
    call.#before = call.#after = undefined
  }
}
