import { type Chain, chainOf } from '../../message/chain.js'
import { ActorError } from '../../ground/errors.js'
import { QUEUE } from '../../ground/limits.js'
import type { Holder, Message } from '../../message/message.js'
import type { Owner } from '../../message/owner.js'
import type { Ref } from '../../message/ref.js'
import { promisedBy } from '../../remote/promised-route.js'
import type { RemoteHome } from '../../remote/remote-ref.js'
import type { Ask } from '../../message/ask.js'
import type { Mark } from '../../wire/codec.js'
import type { Carrier } from '../../remote/link-route.js'
import { OP, Op, Part } from '../session/op.js'
import { Pending } from './pending.js'
import { Waiting } from './waiting.js'
import type { Writer } from '../session/writer.js'

const NONE: readonly unknown[] = []
const NONE_WAIT: Chain = []

/**
 * The messages that leave over a link, until they are settled.
 *
 * The peer admits so many unanswered calls; more wait here, encoded at the call, in order.
 */
export class Outgoing implements Holder {
  /** Unanswered calls that the peer admits. */
  window = 0
  /** Longest name of a method that the peer reads. */
  readonly longest: number
  #ended: ActorError | undefined
  /** Calls whose callers gave up, and whose reply is still to come. */
  #abandoned = 0
  readonly home: RemoteHome
  readonly carrier: Carrier
  readonly #mayName: (sender: Ref) => boolean
  readonly #tellable: (chain: Chain) => Chain
  readonly #writer: Writer
  readonly #pending = new Pending()
  readonly #waiting = new Waiting()
  /** Tells the peer that the caller of a slot gave up. */
  readonly #abort: (slot: number, reason: ActorError) => void

  constructor(
    home: RemoteHome,
    carrier: Carrier,
    writer: Writer,
    longest: number,
    mayName: (sender: Ref) => boolean,
    tellable: (chain: Chain) => Chain,
    abort: (slot: number, reason: ActorError) => void,
  ) {
    this.#mayName = mayName
    this.#tellable = tellable
    this.longest = longest
    this.home = home
    this.carrier = carrier
    this.#writer = writer
    this.#abort = abort
  }

  /** Calls that somebody waits for. */
  get size(): number {
    return this.#pending.size + this.#waiting.size - this.#abandoned
  }

  /** Whether a call would leave at once. */
  get hasRoom(): boolean {
    return !this.#writer.busy && this.#waiting.size === 0 && this.#pending.size < this.window
  }

  send(message: Message, op: number, index: number): void {
    const writer = this.#writer
    if (writer.busy) return writer.defer(() => this.send(message, op, index))
    if (message.settled) return
    const refusal = this.#refusal(message)
    if (refusal) return message.fail(refusal)
    message.holder = this
    const chain = message.isAwaited ? this.#tellable(chainOf(message)) : NONE_WAIT
    const head = op | this.#parts(message) | (chain.length > 0 ? Part.Chain : 0)
    const start = writer.begin(this.#pending.size + 1, message.sender as unknown as Owner | undefined)
    try {
      const waits = this.#waiting.size > 0 || (op !== Op.Tell && this.#pending.size >= this.window)
      if (!waits) this.#head(message, head)
      this.#body(message, head, index, chain)
      // A getter in a value may have ended the link, or given the call up.
      if (this.#ended || message.settled) throw this.#refusal(message) ?? new ActorError('aborted', 'given up')
      if (waits) {
        writer.outbox.check(start)
        this.#waiting.put({ message, head, body: writer.sink.cut(start), form: writer.sink })
      } else this.#launch(message, start)
    } catch (error) {
      this.#takeBack(message, writer.undo(start, error))
    } finally {
      writer.end()
    }
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
    return promisedBy(call as Ask, this.home, this.carrier)
  }

  withdraw(message: Message, reason: ActorError): boolean {
    if (!message.started) return true
    this.#abandoned++
    this.#abort(message.slot, reason)
    return false
  }

  /** The link ended: what may have run is unknown, what never left is unreachable. */
  fail(peer: string, reason: ActorError): void {
    this.#ended = reason
    for (const message of this.#pending.drain()) {
      const text = `the link to ${peer} ended while ${message.method}() was in flight; it may have run`
      message.fail(new ActorError('unknown', text, { cause: reason }))
    }
    for (let entry = this.#waiting.take(); entry; entry = this.#waiting.take()) {
      const text = `the link to ${peer} ended before ${entry.message.method}() left`
      entry.message.fail(new ActorError('unreachable', text, { cause: reason }))
    }
  }

  #refusal({ method }: Message): ActorError | undefined {
    if (this.#ended) {
      return new ActorError('unreachable', `the link is closed; ${method}() did not leave`, { cause: this.#ended })
    }
    if (method.length > this.longest) {
      return new ActorError('malformed', `the name of a method is longer than the limit 'name' of ${this.longest}`)
    }
    if (this.#waiting.size < QUEUE) return undefined
    return new ActorError('overloaded', `${QUEUE} messages wait for the peer already`)
  }

  #takeBack(message: Message, failure: ActorError): void {
    message.started = false
    if (message.slot >= 0) this.#pending.take(message.slot)
    message.fail(failure)
  }

  #admit(): void {
    const { message, head, body, form } = this.#waiting.take()!
    if (message.settled) return
    const writer = this.#writer
    const start = writer.resume(form)
    try {
      this.#head(message, head)
      form.append(body)
      this.#launch(message, start)
    } catch (error) {
      this.#takeBack(message, writer.undo(start, error))
    } finally {
      writer.end()
    }
  }

  /** Which optional parts the envelope has. */
  #parts(message: Message): number {
    return (
      (message.deadline === Infinity ? 0 : Part.Remaining) |
      (this.#showsSender(message) ? Part.Sender : 0) |
      (message.extensions ? Part.Extensions : 0)
    )
  }

  /** A plain call does not hand its sender to an untrusted peer; `context.ask` and `context.tell` do. */
  #showsSender({ sender, signed }: Message): boolean {
    return sender !== undefined && (signed || this.#mayName(sender as Ref))
  }

  #head(message: Message, head: number): void {
    const { sink } = this.#writer
    sink.number(head)
    if ((head & OP) === Op.Tell) return
    message.slot = this.#pending.add(message)
    sink.number(message.slot)
  }

  #body(message: Message, head: number, index: number, chain: Chain): void {
    const { sink, encoder } = this.#writer
    const { method, args, deadline, sender, extensions } = message
    sink.number(index)
    sink.string(method)
    if (head & Part.Remaining) sink.number(Math.max(0, Math.ceil(deadline - this.home.time)))
    if (head & Part.Sender) encoder.value(sender)
    if (head & Part.Extensions) encoder.value(extensions)
    if (head & Part.Chain) this.#chain(chain)
    sink.number(args.length)
    for (let i = 0; i < args.length; i++) encoder.value(args[i])
  }

  #chain(chain: Chain): void {
    const { sink } = this.#writer
    sink.number(chain.length)
    for (const { realm, id, serial, path } of chain) {
      sink.string(realm)
      sink.string(id)
      sink.number(serial)
      sink.string(path)
    }
  }

  #launch(message: Message, start: Mark): void {
    const { outbox } = this.#writer
    if (message.slot < 0) return outbox.tell(start)
    message.started = true
    outbox.call(start, this.#pending.size)
  }
}
