import { type Chain, chainOf } from '../../message/chain.js'
import { ActorError, type ErrorCode, ofArgument } from '../../ground/errors.js'
import { type Limits, QUEUE } from '../../ground/limits.js'
import type { Holder, Message } from '../../message/message.js'
import type { Owner } from '../../message/owner.js'
import type { Ref } from '../../message/ref.js'
import { promisedBy } from '../../remote/promised-route.js'
import type { RemoteHome } from '../../remote/remote-ref.js'
import type { Ask } from '../../message/ask.js'
import type { Mark } from '../../wire/codec.js'
import type { Carrier } from '../../remote/link-route.js'
import type { References } from '../references/references.js'
import { OP, Op, Part } from '../session/op.js'
import { Pending } from './pending.js'
import { type Entry, Waiting } from './waiting.js'
import type { Writer } from '../session/writer.js'

const NONE: readonly unknown[] = []
const NONE_WAIT: Chain = []

/** What outgoing messages need of their link. */
export interface OutgoingLink extends Carrier {
  readonly realm: RemoteHome
  readonly limits: Limits
  readonly references: References
  readonly writer: Writer
  /** Calls of the peer that are handled here. */
  readonly handling: number
  /** The caller of a call that may run gave up. */
  abandon(slot: number, reason: ActorError): void
}

/**
 * The messages that leave over a link, until they are settled.
 *
 * The peer admits so many unanswered calls; more wait here, encoded at the call, in order. What those that left may need to
 * come to an end passes those that wait: requests, calls that handlers wait for, and one more for each call of the peer.
 * It passes no earlier message for the same actor: those go with it.
 */
export class OutgoingCalls implements Holder {
  /** Unanswered calls that the peer admits. */
  window = 0
  readonly #link: OutgoingLink
  readonly #pending = new Pending()
  readonly #waiting = new Waiting()
  /** Those that pass the others, where they are too many as well. */
  readonly #needed = new Waiting()
  /** Slots of those that passed: they take no room of the window, and have one of their own. */
  readonly #passed = new Set<number>()
  /** Which argument is being written. */
  #place = 0
  /** Calls whose callers gave up, and whose reply is still to come. */
  #abandoned = 0
  /** Why the link ended. */
  #reason: ActorError | undefined

  constructor(link: OutgoingLink) {
    this.#link = link
  }

  /** Calls that somebody waits for. */
  get size(): number {
    return this.#pending.size + this.#queued - this.#abandoned
  }

  /** Whether a call would leave at once. */
  get hasRoom(): boolean {
    return !this.#link.writer.busy && this.#queued === 0 && this.#hasCredit
  }

  get #queued(): number {
    return this.#waiting.size + this.#needed.size
  }

  /** Whether the peer admits one more. A call of the peer may wait for one of ours. */
  get #hasCredit(): boolean {
    const { window } = this
    const size = this.#pending.size - this.#passed.size
    return size < window || size < window + Math.min(window, this.#link.handling)
  }

  /** `behind`: the actor whose messages it must not pass. */
  send(message: Message, op: number, index: number, behind = index): void {
    const { writer, trusted, references } = this.#link
    if (writer.busy) return writer.defer(() => this.send(message, op, index, behind))
    if (message.settled) return
    // Calls that wait for it may hold the whole window.
    const isNeeded = op === Op.Request || message.isAwaited
    if (this.#queued > 0) {
      if (isNeeded) this.#waiting.move(behind, this.#needed)
      this.#admitAll()
    }
    const refusal = this.#refusal(message)
    if (refusal) return message.fail(refusal)
    message.holder = this
    const chain = message.isAwaited ? chainOf(message) : NONE_WAIT
    const { sender, signed, deadline, extensions } = message
    // A plain call does not hand its sender to an untrusted peer; `context.ask` and `context.tell` do.
    const showsSender = sender && (signed || trusted || references.knows(sender as Ref))
    const head =
      op |
      (deadline === Infinity ? 0 : Part.Remaining) |
      (showsSender ? Part.Sender : 0) |
      (extensions ? Part.Extensions : 0) |
      (chain.length > 0 ? Part.Chain : 0)
    const write = (start: Mark): void => {
      const isFree = this.#queued === 0 && (op === Op.Tell || this.#hasCredit)
      const passes = !isFree && isNeeded && this.#needed.size === 0 && this.#passed.size < this.window
      const leaves = isFree || passes
      if (leaves) this.#head(message, head, passes)
      this.#body(message, head, index, chain)
      // A getter in a value may have ended the link, or given the call up.
      if (this.#reason || message.settled) throw this.#refusal(message) ?? new ActorError('aborted', 'given up')
      if (leaves) return this.#launch(message, start)
      writer.check(start)
      const queue = isNeeded ? this.#needed : this.#waiting
      queue.put({ message, index, head, body: writer.sink.cut(start), form: writer.sink })
    }
    const sink = writer.begin(this.#pending.size + 1)
    const failure = writer.frame(sink, write, sender as unknown as Owner | undefined)
    if (failure) this.#failed(message, this.#named(failure, message, head, index))
    message.args = NONE
  }

  /** The call that a reply is for; undefined if there is none. Whoever waits may leave then. */
  settle(slot: number): Message | undefined {
    const message = this.#pending.take(slot)
    if (message?.gaveUp) this.#abandoned--
    if (this.#passed.size > 0) this.#passed.delete(slot)
    this.#admitAll()
    return message
  }

  promised(call: Message): Ref | undefined {
    return promisedBy(call as Ask, this.#link.realm, this.#link)
  }

  withdraw(message: Message, reason: ActorError): boolean {
    if (!message.started) return true
    this.#abandoned++
    this.#link.abandon(message.slot, reason)
    return false
  }

  /** The link ended: what may have run is unknown, what never left is unreachable. */
  fail(reason: ActorError): void {
    const { peer } = this.#link
    this.#reason = reason
    const end = (message: Message, code: ErrorCode, text: string): void =>
      message.fail(new ActorError(code, text, { cause: reason }))
    for (const message of this.#pending.drain()) {
      const text = `the link to ${peer} ended while ${message.method}() was in flight; it may have run`
      end(message, 'unknown', text)
    }
    for (let entry = this.#take(); entry; entry = this.#take()) {
      const { message } = entry
      end(message, 'unreachable', `the link to ${peer} ended before ${message.method}() was sent`)
    }
  }

  #refusal({ method }: Message): ActorError | undefined {
    const { open, peer, limits } = this.#link
    if (!open) {
      const text = `the link to ${peer} is closed; ${method}() was not sent`
      return new ActorError('unreachable', text, { cause: this.#reason })
    }
    if (method.length > limits.name) {
      return new ActorError('malformed', `the name of a method is longer than the limit 'name' of ${limits.name}`)
    }
    if (this.#queued < QUEUE) return undefined
    return new ActorError('overloaded', `${QUEUE} messages wait for the peer already`)
  }

  #take(): Entry | undefined {
    return this.#needed.take() ?? this.#waiting.take()
  }

  #admitAll(): void {
    while (this.#needed.size > 0 ? this.#passed.size < this.window : this.#waiting.size > 0 && this.#hasCredit)
      this.#admit(this.#needed.size > 0)
  }

  #admit(passes: boolean): void {
    const { message, head, body, form } = this.#take()!
    if (message.settled) return
    const { writer } = this.#link
    const write = (start: Mark): void => {
      this.#head(message, head, passes)
      form.append(body)
      this.#launch(message, start)
    }
    const failure = writer.frame(writer.resume(form), write)
    if (failure) this.#failed(message, failure)
  }

  /** Says which argument of what could not be written. */
  #named(failure: ActorError, { method, args }: Message, head: number, index: number): ActorError {
    const isOfActor = (head & OP) !== Op.Request && !(head & Part.Follows)
    const kind = isOfActor && this.#link.references.imports.at(index)?.address.kind
    return ofArgument(failure, [kind, method].filter(Boolean).join('.'), this.#place, args.length)
  }

  #failed(message: Message, failure: ActorError): void {
    message.started = false
    if (message.slot >= 0) this.#pending.take(message.slot)
    this.#passed.delete(message.slot)
    message.fail(failure)
  }

  #head(message: Message, head: number, passes: boolean): void {
    const { sink } = this.#link.writer
    sink.number(head)
    if ((head & OP) === Op.Tell) return
    message.slot = this.#pending.add(message)
    if (passes) this.#passed.add(message.slot)
    sink.number(message.slot)
  }

  #body(message: Message, head: number, index: number, chain: Chain): void {
    const { sink, encoder } = this.#link.writer
    const { method, args, deadline, sender, extensions } = message
    sink.number(index)
    sink.string(method)
    if (head & Part.Remaining) sink.number(Math.max(0, Math.ceil(deadline - this.#link.realm.time)))
    if (head & Part.Sender) encoder.value(sender)
    if (head & Part.Extensions) encoder.value(extensions)
    if (head & Part.Chain) this.#chain(chain)
    sink.number(args.length)
    for (this.#place = 0; this.#place < args.length; this.#place++) encoder.value(args[this.#place])
  }

  /** An untrusted peer is told that others wait, and not what they are called. */
  #chain(chain: Chain): void {
    const { writer, trusted, peer } = this.#link
    const { sink } = writer
    sink.number(chain.length)
    for (const { realm, id, serial, path } of chain) {
      sink.string(realm)
      sink.string(id)
      sink.number(serial)
      sink.string(trusted || realm === peer ? path : '…')
    }
  }

  #launch(message: Message, start: Mark): void {
    const { writer } = this.#link
    if (message.slot < 0) {
      writer.tell(start)
      // Nothing comes back: whoever relayed it is through with it.
      return message.done(undefined)
    }
    message.started = true
    writer.call(start, this.#pending.size, message.slot)
  }
}
