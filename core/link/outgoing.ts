import { ActorError } from '../errors.js'
import { QUEUE } from '../limits.js'
import type { Holder, Message } from '../message.js'
import { borrow } from '../proxy.js'
import type { Home, Ref } from '../ref.js'
import type { Mark } from '../wire/codec.js'
import { Op, Part } from './op.js'
import { Pending } from './pending.js'
import { Waiting } from './waiting.js'
import type { Writer } from './writer.js'

const NONE: readonly unknown[] = []

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
  readonly #home: Home
  readonly #mayName: (sender: Ref) => boolean
  readonly #writer: Writer
  readonly #pending = new Pending()
  readonly #waiting = new Waiting()
  /** Tells the peer that the caller of a slot gave up. */
  readonly #abort: (slot: number) => void

  constructor(
    home: Home,
    writer: Writer,
    longest: number,
    mayName: (sender: Ref) => boolean,
    abort: (slot: number) => void,
  ) {
    this.#mayName = mayName
    this.longest = longest
    this.#home = home
    this.#writer = writer
    this.#abort = abort
  }

  /** Calls that somebody waits for. */
  get size(): number {
    return this.#pending.size + this.#waiting.size - this.#abandoned
  }

  send(message: Message, op: number, index: number): void {
    const writer = this.#writer
    if (writer.busy) return writer.defer(() => this.send(message, op, index))
    if (message.settled) return
    const refusal = this.#refusal(message)
    if (refusal) return message.fail(refusal)
    message.holder = this
    const start = writer.begin()
    try {
      if (this.#waiting.size > 0 || (op !== Op.Tell && this.#pending.size >= this.window)) {
        this.#body(message, index)
        writer.outbox.check(start)
        this.#waiting.put({ message, op, body: writer.sink.cut(start) })
      } else {
        this.#head(message, op)
        this.#body(message, index)
        this.#launch(message, op, start)
      }
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

  withdraw(message: Message): boolean {
    if (!message.started) return true
    this.#abandoned++
    this.#abort(message.slot)
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
    const { message, op, body } = this.#waiting.take()!
    if (message.settled) return
    const writer = this.#writer
    const start = writer.begin()
    try {
      this.#head(message, op)
      writer.sink.append(body)
      this.#launch(message, op, start)
    } catch (error) {
      this.#takeBack(message, writer.undo(start, error))
    } finally {
      writer.end()
    }
  }

  #head(message: Message, op: number): void {
    const { sink } = this.#writer
    const { deadline, extensions } = message
    const sender = this.#senderOf(message)
    sink.number(
      op |
        (deadline === Infinity ? 0 : Part.Remaining) |
        (sender ? Part.Sender : 0) |
        (extensions ? Part.Extensions : 0),
    )
    if (op === Op.Tell) return
    message.slot = this.#pending.add(message)
    sink.number(message.slot)
  }

  #body(message: Message, index: number): void {
    const { sink, encoder } = this.#writer
    const { method, args, deadline, extensions } = message
    const sender = this.#senderOf(message)
    sink.number(index)
    sink.string(method)
    if (deadline !== Infinity) sink.number(Math.max(0, Math.ceil(deadline - this.#home.time)))
    if (sender) encoder.value(borrow(sender))
    if (extensions) encoder.value(extensions)
    sink.number(args.length)
    for (let i = 0; i < args.length; i++) encoder.value(args[i])
  }

  /** A plain call does not hand its sender to an untrusted peer; `context.ask` and `context.tell` do. */
  #senderOf({ sender, signed }: Message): Ref | undefined {
    return sender && (signed || this.#mayName(sender as Ref)) ? (sender as Ref) : undefined
  }

  #launch(message: Message, op: number, start: Mark): void {
    const { outbox } = this.#writer
    if (op === Op.Tell) return outbox.tell(start)
    message.started = true
    outbox.call(start, this.#pending.size)
  }
}
