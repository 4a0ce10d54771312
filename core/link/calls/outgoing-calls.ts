import { type Chain, chainOf, type Waiting as Waiter } from '../../message/chain.js'
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
import { isLate } from './late.js'
import { Pending } from './pending.js'
import { type Entry, type Frame, isLight, LIGHT, Waiting } from './waiting.js'
import { levelOf, Window, type WindowLink } from './window.js'
import type { Writer } from '../session/writer.js'

const NONE: readonly unknown[] = []
const NONE_WAIT: Chain = []

/** What outgoing messages need of their link. */
export interface OutgoingLink extends Carrier, WindowLink {
  readonly realm: RemoteHome
  readonly limits: Limits
  readonly references: References
  readonly writer: Writer
  /** Whether the peer came to us. */
  readonly options: { readonly incoming?: boolean }
  /** The caller of a call that may run gave up. */
  abandon(slot: number, reason: ActorError): void
}

/**
 * The messages that leave over a link, until they are settled.
 *
 * The peer admits so many unanswered calls, and so many one-way messages that it has not handled; more wait here, encoded
 * at the call, in order. What those that left may need to come to an end passes those that wait: requests, and calls that
 * handlers wait for. The more handlers wait for a call, the higher its level, and each level has room that no level below
 * it can take. So calls may wait for calls of higher levels, and some call can always end. A message passes no earlier one
 * for the same actor: those go with it.
 */
export class OutgoingCalls implements Holder {
  readonly window: Window
  readonly #link: OutgoingLink
  readonly #pending = new Pending()
  /** By level. */
  readonly #waiting: (Waiting | undefined)[] = []
  #queued = 0
  #queuedBytes = 0
  /** Which argument is being written. */
  #place = 0
  /** Calls whose callers gave up, and whose reply is still to come. */
  #abandoned = 0
  /** Why the link ended. */
  #reason: ActorError | undefined

  constructor(link: OutgoingLink) {
    this.#link = link
    this.window = new Window(this.#pending, link)
  }

  /** Calls that somebody waits for. */
  get size(): number {
    return this.#pending.size + this.#queued - this.#abandoned
  }

  /** Whether a call would leave at once. */
  get hasRoom(): boolean {
    return !this.#link.writer.busy && this.#queued === 0 && this.window.hasRoom(0, false)
  }

  /** The peer has handled so many one-way messages. */
  credit(count: number, bytes: number): void {
    this.window.credit(count, bytes)
    if (this.#queued > 0) this.admitAll()
  }

  /** `behind`: the actor whose messages it must not pass. */
  send(message: Message, op: number, index: number, behind = index): void {
    const { writer, trusted, references } = this.#link
    if (writer.busy) return writer.defer(() => this.send(message, op, index, behind))
    if (message.settled) return
    const chain = message.isAwaited ? chainOf(message) : NONE_WAIT
    const level = levelOf(message, op, chain)
    let isFull = false
    if (this.#queued > 0) {
      const lower = this.#waiting.slice(0, level)
      const before = lower.reduce((sum, queue) => sum + queue!.size, 0)
      // Where its own actor waits for it, those before it may need such calls too: all can leave, or it is refused.
      isFull =
        before > 0 &&
        !this.window.hasRoom(level, false, before) &&
        chain.some(({ id }) => id === references.imports.at(behind)?.address.id)
      if (!isFull) for (const queue of lower) queue?.move(behind, this.#queue(level))
      this.admitAll()
    }
    const isFree =
      (op === Op.Tell ? this.#queued === 0 : !this.#waiting[level]?.size) && this.window.hasRoom(level, op === Op.Tell)
    const refusal = this.#refusal(message, isFull || (!isFree && level > 1 && this.window.share(level - 1) < 1))
    if (refusal) return message.fail(refusal)
    message.holder = this
    const { sender, signed, deadline, extensions } = message
    // A plain call does not hand its sender to an untrusted peer; `context.ask` and `context.tell` do.
    const showsSender = sender && (signed || trusted || references.knows(sender as Ref))
    const head =
      op |
      (deadline === Infinity ? 0 : Part.Remaining) |
      (showsSender ? Part.Sender : 0) |
      (extensions ? Part.Extensions : 0) |
      (chain.length > 0 ? Part.Chain : 0)
    if (!isFree && head === op && message.args.every(isLight)) this.#put(level, message, index, head, LIGHT)
    else this.#write(message, index, head, undefined, chain, isFree ? -1 : level)
  }

  /** A message leaves now, or its frame waits at a level. `frame` is what was written of it before. */
  #write(message: Message, index: number, head: number, frame?: Frame, chain = NONE_WAIT, level = -1): void {
    const { writer, realm } = this.#link
    const { encoder } = writer
    let failure: ActorError | undefined
    const form = frame ? writer.resume(frame.form) : writer.begin(this.#pending.size + 1)
    const start = writer.open(form, message.sender as unknown as Owner | undefined)
    try {
      if (level < 0) this.#head(message, head)
      if (frame) {
        encoder.weight = frame.weight
        form.append(frame.body)
      } else this.#body(message, head, index, chain)
      // A getter in a value may have ended the link, or given the call up.
      if (this.#reason || message.settled) throw this.#refusal(message) ?? new ActorError('aborted', 'given up')
      if (level < 0) this.#launch(message, start)
      else {
        const size = form.size - start
        const { weight } = encoder
        writer.check(start)
        this.#put(level, message, index, head, size, { at: realm.time, weight, body: form.cut(start), form })
      }
    } catch (error) {
      failure = writer.undo(start, error)
    }
    writer.close()
    if (failure) {
      message.started = false
      if (message.slot >= 0) this.#pending.take(message.slot)
      message.fail(this.#named(failure, message, head, index))
    }
    message.args = NONE
  }

  /** The call that a reply is for; undefined if there is none. Whoever waits may leave then. */
  settle(slot: number): Message | undefined {
    const message = this.#pending.take(slot)
    if (message?.gaveUp) this.#abandoned--
    if (this.#queued > 0) this.admitAll()
    return message
  }

  /** Whether the peer was told that this handler waits for it. */
  isAwaitedBy(handler: Waiter): boolean {
    return this.#pending.has((message) => chainOf(message).some((each) => each.serial === handler.serial))
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
    for (const queue of this.#waiting) {
      for (let entry = queue?.take(); entry; entry = queue?.take())
        end(entry.message, 'unreachable', `the link to ${peer} ended before ${entry.message.method}() was sent`)
    }
    this.#queued = this.#queuedBytes = 0
  }

  #refusal({ method }: Message, isFull = false): ActorError | undefined {
    const link = this.#link
    if (!link.open) {
      const text = `the link to ${link.peer} is closed; ${method}() was not sent`
      return new ActorError('unreachable', text, { cause: this.#reason })
    }
    if (method.length > link.limits.name) {
      const text = `the name of a method is longer than the limit 'name' of ${link.limits.name}`
      return new ActorError('malformed', text)
    }
    if (isFull) return new ActorError('overloaded', `${this.#pending.size} calls, nested too deep, wait for the peer`)
    // A peer that came here, and is not trusted, is kept so much for; all else is this side's own.
    const most = link.options.incoming && !link.trusted ? link.limits.unsent : Infinity
    if (this.#queued < QUEUE && this.#queuedBytes < most) return undefined
    const text = `${this.#queued} messages of ${this.#queuedBytes} bytes wait for the peer already`
    return new ActorError('overloaded', text)
  }

  #queue(level: number): Waiting {
    return (this.#waiting[level] ??= new Waiting())
  }

  /** Those leave that there is room for. */
  admitAll(): void {
    for (let level = this.#waiting.length; level-- > 0;) {
      const queue = this.#waiting[level]
      while (queue?.first && this.window.hasRoom(level, (queue.first.head & OP) === Op.Tell)) this.#admit(queue.take()!)
    }
  }

  #admit({ message, index, head, size, frame }: Entry): void {
    this.#queued--
    this.#queuedBytes -= size
    if (message.settled) return
    if (frame && isLate(message.deadline, frame.at, this.#link.realm.time)) return message.late()
    this.#write(message, index, head, frame)
  }

  #put(level: number, message: Message, index: number, head: number, size: number, frame?: Frame): void {
    this.#queue(level).put({ message, index, head, size, frame })
    this.#queued++
    this.#queuedBytes += size
  }

  /** Says which argument of what could not be written. */
  #named(failure: ActorError, { method, args }: Message, head: number, index: number): ActorError {
    const isOfActor = (head & OP) !== Op.Request && !(head & Part.Follows)
    const kind = isOfActor && this.#link.references.imports.at(index)?.address.kind
    return ofArgument(failure, [kind, method].filter(Boolean).join('.'), this.#place, args.length)
  }

  #head(message: Message, head: number): void {
    const { sink } = this.#link.writer
    sink.number(head)
    if ((head & OP) !== Op.Tell) {
      message.slot = this.#pending.add(message)
      sink.number(message.slot)
    }
    // What is left when it leaves: it may have waited.
    if (head & Part.Remaining) sink.number(Math.max(0, Math.ceil(message.deadline - this.#link.realm.time)))
  }

  #body(message: Message, head: number, index: number, chain: Chain): void {
    const { sink, encoder } = this.#link.writer
    const { method, args, sender, extensions } = message
    sink.number(index)
    sink.string(method)
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
    const size = writer.sink.size - start
    if (message.slot < 0) {
      this.window.told(size)
      writer.tell(start)
      // Nothing comes back: whoever relayed it is through with it.
      return message.done(undefined)
    }
    message.started = true
    this.#pending.sent(message.slot, size)
    writer.call(start, this.#pending.size, message.slot)
  }
}
