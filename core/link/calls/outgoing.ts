import { type Chain, chainOf } from '../../message/chain.js'
import { ActorError, type ErrorCode } from '../../ground/errors.js'
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
import { Waiting } from './waiting.js'
import type { Writer } from '../session/writer.js'

const NONE: readonly unknown[] = []
const NONE_WAIT: Chain = []

/** What outgoing messages need of their link. */
export interface OutgoingLink extends Carrier {
  readonly realm: RemoteHome
  readonly limits: Limits
  readonly references: References
  readonly writer: Writer
  /** The caller of a call that may run gave up. */
  abandon(slot: number, reason: ActorError): void
}

/**
 * The messages that leave over a link, until they are settled.
 *
 * The peer admits so many unanswered calls; more wait here, encoded at the call, in order.
 */
export class Outgoing implements Holder {
  /** Unanswered calls that the peer admits. */
  window = 0
  readonly #link: OutgoingLink
  readonly #pending = new Pending()
  readonly #waiting = new Waiting()
  /** Calls whose callers gave up, and whose reply is still to come. */
  #abandoned = 0
  /** Why the link ended. */
  #reason: ActorError | undefined

  constructor(link: OutgoingLink) {
    this.#link = link
  }

  /** Calls that somebody waits for. */
  get size(): number {
    return this.#pending.size + this.#waiting.size - this.#abandoned
  }

  /** Whether a call would leave at once. */
  get hasRoom(): boolean {
    return !this.#link.writer.busy && this.#waiting.size === 0 && this.#pending.size < this.window
  }

  send(message: Message, op: number, index: number): void {
    const { writer, trusted, references } = this.#link
    if (writer.busy) return writer.defer(() => this.send(message, op, index))
    if (message.settled) return
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
      const waits = this.#waiting.size > 0 || (op !== Op.Tell && this.#pending.size >= this.window)
      if (!waits) this.#head(message, head)
      this.#body(message, head, index, chain)
      // A getter in a value may have ended the link, or given the call up.
      if (this.#reason || message.settled) throw this.#refusal(message) ?? new ActorError('aborted', 'given up')
      if (waits) {
        writer.check(start)
        this.#waiting.put({ message, head, body: writer.sink.cut(start), form: writer.sink })
      } else this.#launch(message, start)
    }
    const sink = writer.begin(this.#pending.size + 1)
    this.#finish(message, writer.frame(sink, write, sender as unknown as Owner | undefined))
    message.args = NONE
  }

  /** The call that a reply is for; undefined if there is none. Whoever waits may leave then. */
  settle(slot: number): Message | undefined {
    const message = this.#pending.take(slot)
    if (message?.gaveUp) this.#abandoned--
    while (this.#waiting.size > 0 && this.#pending.size < this.window) this.#admit()
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
    for (let entry = this.#waiting.take(); entry; entry = this.#waiting.take()) {
      const { message } = entry
      end(message, 'unreachable', `the link to ${peer} ended before ${message.method}() left`)
    }
  }

  #refusal({ method }: Message): ActorError | undefined {
    const { open, peer, limits } = this.#link
    if (!open) {
      const text = `the link to ${peer} is closed; ${method}() did not leave`
      return new ActorError('unreachable', text, { cause: this.#reason })
    }
    if (method.length > limits.name) {
      return new ActorError('malformed', `the name of a method is longer than the limit 'name' of ${limits.name}`)
    }
    if (this.#waiting.size < QUEUE) return undefined
    return new ActorError('overloaded', `${QUEUE} messages wait for the peer already`)
  }

  #admit(): void {
    const { message, head, body, form } = this.#waiting.take()!
    if (message.settled) return
    const { writer } = this.#link
    const write = (start: Mark): void => {
      this.#head(message, head)
      form.append(body)
      this.#launch(message, start)
    }
    this.#finish(message, writer.frame(writer.resume(form), write))
  }

  /** The message is written, or failed to be. */
  #finish(message: Message, failure: ActorError | undefined): void {
    if (!failure) return
    message.started = false
    if (message.slot >= 0) this.#pending.take(message.slot)
    message.fail(failure)
  }

  #head(message: Message, head: number): void {
    const { sink } = this.#link.writer
    sink.number(head)
    if ((head & OP) === Op.Tell) return
    message.slot = this.#pending.add(message)
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
    for (let i = 0; i < args.length; i++) encoder.value(args[i])
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
    if (message.slot < 0) return writer.tell(start)
    message.started = true
    writer.call(start, this.#pending.size)
  }
}
