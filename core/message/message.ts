// The room message: one call: what is asked of an actor, its deadline, its abort, and who waits for it.
import { type Aborter, aborter } from '../ground/abort.js'
import type { Deadlined } from '../ground/deadlines.js'
import type { Chain } from './chain.js'
import { ActorError } from '../ground/errors.js'
import type { Ref } from './ref.js'
import { CallNode } from './call-node.js'

/** Where a message can be delivered: an actor here, or one behind a link. */
export interface Receiver {
  deliver(message: Message): void
  /**
   * It is the sender of a message to `ref`. Returns true if it sends the message itself, later. `by` is the message whose
   * handler sends it.
   */
  sends?(message: Message, ref: Ref, by: Message | undefined): boolean
}

/** Who holds a message now and can take it back or tell its handler to give up. */
export interface Holder {
  /** What the call will bring, to send messages to at once; undefined where nobody can tell yet. */
  promised?(call: Message): Receiver | undefined
  /** True when the handler had not started and now never will. */
  withdraw(message: Message, reason: ActorError): boolean
}

/** The peer that sent a message, set by the link that carried it. */
export interface Caller {
  /** The id of its dispatcher. An untrusted peer may say any. */
  readonly peer: string
  /** What `authorize` returned as `user`. */
  readonly user: unknown
}

export type Method = (...args: never) => unknown

/** What of an actor messages can reach: methods by name, and names of properties, none of which is a method. */
export interface Reach {
  readonly methods: ReadonlyMap<string, Method>
  readonly properties: ReadonlySet<string>
}

/** What a message does with a property. */
export type Access = 'read' | 'write'

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
  list: Deadlined['list'] = undefined
  earlier: Deadlined['earlier'] = undefined
  later: Deadlined['later'] = undefined
  /** Sent with `context.ask` or `context.tell`: its sender is shown to whoever gets it. */
  signed = false
  started = false
  settled = false
  #node: CallNode | undefined
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
  get expectsReply(): boolean {
    return true
  }
  get caller(): Caller | undefined {
    return undefined
  }
  /** Set where `method` names a property to read or write; such a message never calls a method, nor the other way round. */
  get access(): Access | undefined {
    return undefined
  }
  /** Whether it is a dead letter where it waited too long for its actor. */
  get isLostWhenLate(): boolean {
    return this.expectsReply
  }
  /** Whether its caller set a deadline. */
  get isTimed(): boolean {
    return this.deadline !== Infinity
  }
  protected abstract resolve(value: unknown): void
  protected abstract reject(error: unknown): void
  /** Its work, where that is none of what it may reach of its actor: a hook, or one step of a stream. */
  invoke?(instance: object): unknown

  /** Its place among other calls, made when there is the first. */
  get node(): CallNode {
    return (this.#node ??= new CallNode())
  }

  /** The message whose handler waits for this one. */
  get parent(): Message | undefined {
    return this.#node?.parent
  }

  /** Handlers in other realms that wait for this one. */
  get chain(): Chain | undefined {
    return this.#node?.chain
  }

  /** Whether a handler waits for it, here or elsewhere. */
  get isAwaited(): boolean {
    const node = this.#node
    return node !== undefined && (node.parent !== undefined || node.chain !== undefined)
  }

  /** Takes back what was handed over by its handler, or by that of the message that does its work. */
  get takeBack(): (() => void) | undefined {
    const node = this.#node
    return node?.takeBack ?? node?.inner?.takeBack
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

  /** Whether calls may still be made for it. */
  get isHandled(): boolean {
    return !this.settled && !this.gaveUp
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

  /** It cannot be run: it fails as one that never started. */
  refuse(error: ActorError): void {
    this.started = false
    this.fail(error)
  }

  late(): void {
    this.fail(new ActorError('timeout', `${this.method}() timed out before it began`))
  }

  expire(): void {
    this.cancel(new ActorError('timeout', `${this.method}() timed out`))
  }

  /** The caller gives up: the message is withdrawn if it has not started, else its signal fires. */
  cancel(reason: ActorError): void {
    if (this.settled || this.#cancelled) return
    const unstarted = this.holder ? this.holder.withdraw(this, reason) : !this.started
    if (unstarted) return this.fail(reason)
    this.#cancelled = reason
    this.#node?.inner?.cancel(reason)
    this.takeBack?.()
    this.signalled(reason)
    this.abandon(reason)
    for (let call = this.#node?.calls; call; call = this.node.calls) {
      this.#remove(call)
      call.cancel(reason)
    }
  }

  /** A call that the handler makes: it is given up with this message. */
  calls(message: Message): void {
    const mine = this.node
    const { node } = message
    node.parent = this
    node.before = mine.calls
    if (mine.calls) mine.calls.node.after = message
    mine.calls = message
    if (this.#cancelled) message.cancel(this.#cancelled)
  }

  /** Fires the signal that the handler sees. */
  protected signalled(reason: ActorError): void {
    this.#aborter?.abort(reason)
  }

  /** The caller gave up while the handler may still run. */
  protected abandon(_reason: ActorError): void {}

  #settle(): boolean {
    if (this.settled) return false
    this.settled = true
    this.list?.remove(this)
    const { parent } = this
    if (parent) parent.#remove(this)
    return true
  }

  #remove(call: Message): void {
    const mine = this.node
    const { node } = call
    const { before, after } = node
    if (after) after.node.before = before
    else if (mine.calls === call) mine.calls = before
    if (before) before.node.after = after
    node.before = node.after = undefined
  }
}
