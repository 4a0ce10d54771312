// The room link: what core makes of a transport: the frames of a peer, and one end for all that goes on.
import { Ask } from '../message/ask.js'
import { ActorError } from '../ground/errors.js'
import { QUEUE, windowOf } from '../ground/limits.js'
import type { Caller, Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import type { StopOptions } from '../message/stop-options.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import type { Line } from '../remote/routes.js'
import type { Outage } from '../transport/transport.js'
import { IncomingCalls } from './calls/incoming-calls.js'
import { OutgoingCalls } from './calls/outgoing-calls.js'
import { EVERY } from './calls/waiting.js'
import { Connection } from './connection.js'
import { EndListeners } from './end-listeners.js'
import type { Hello } from './session/hello.js'
import { Op, Part } from './session/op.js'

/**
 * What core makes of a transport: handshake, order, batching, the calls that await replies, one close.
 *
 * Every call settles: with the peer's reply, or, when the link ends, with `unreachable` if it never
 * left this realm and `unknown` if it may have run.
 */
export class Link extends Connection implements Line {
  readonly defaultTimeout = this.limits.deadline
  readonly medium = this.options.medium
  readonly ports = this.transport.ports
  readonly outgoingCalls = new OutgoingCalls(this)
  readonly incomingCalls = new IncomingCalls(this)
  readonly #endListeners = new EndListeners(this)
  #caller: Caller | undefined

  override get pending(): number {
    return this.outgoingCalls.size
  }

  get isIntroducible(): boolean {
    return this.trusted && this.ports !== undefined && this.understands('introductions')
  }

  /** Bytes that were sent and wait for the peer. */
  get buffered(): number {
    return (this.transport.buffered ?? 0) + this.references.buffered
  }

  get caller(): Caller {
    return (this.#caller ??= { peer: this.peer, user: this.grant.user })
  }

  announce(news: object): void {
    this.#control(Op.Names, [news], true)
  }

  introduce(introduction: object): void {
    this.#control(Op.Introduce, [introduction])
  }

  send(message: Message, index: number): void {
    this.#send(message, opOf(message), index)
  }

  follow(message: Message, slot: number): boolean {
    if (!this.open || !this.outgoingCalls.hasRoom || !this.understands('pipelining')) return false
    this.#send(message, opOf(message) | Part.Follows, slot)
    return true
  }

  request(verb: string, args: readonly unknown[], timeout?: number): Promise<unknown> {
    const ask = new Ask(verb, args, undefined, Infinity, undefined)
    this.demand(ask, timeout)
    return ask.promise
  }

  demand(request: Message, timeout = this.defaultTimeout): void {
    const { method, args } = request
    this.#send(request, Op.Request, 0, behind(method, args))
    if (request.slot >= 0 && request instanceof Ask) request.sent()
    if (!request.settled) this.realm.deadlines.addDefault(request, timeout)
  }

  /** Answers a request of the peer. */
  answer({ method, args }: Message): unknown {
    return this.options.requestHandler.answer(this, method, args)
  }

  /** Calls `listener` when the actor at that place of the peer's table has ended, or the link. Returns its undo. */
  watch(index: number, listener: (reason: unknown) => void, isTold = false): () => void {
    return this.#endListeners.watch(index, listener, isTold)
  }

  /** Tells the peer when an actor that it knows of ends. */
  tellEnd(ref: Ref): void {
    this.#endListeners.follow(ref)
  }

  tell(index: number, reason: unknown): void {
    this.#endListeners.tell(index, reason)
  }

  returnLease(index: number, count: number): void {
    // It may have come again behind the one that was collected.
    if (!this.references.imports.at(index))
      this.#endListeners.fire(index, new ActorError('released', 'it was released here'))
    this.#control(Op.Release, [index, count], true)
  }

  took(index: number, ref: RemoteRef): void {
    this.references.imports.add(index, ref)
  }

  /** The caller of a call that may run gave up. */
  abandon(slot: number, reason: ActorError): void {
    // A reason that cannot be sent is left out.
    if (this.open) {
      this.writer.control(Op.Abort, [slot, reason.cause], false, () => this.#control(Op.Abort, [slot, undefined]))
    }
    if (this.open && reason.code === 'timeout' && this.options.isOurs) this.suspect()
    this.hold()
  }

  override changed(outage: Outage | undefined): void {
    super.changed(outage)
    this.#caller = undefined
    this.outgoingCalls.admitAll()
    this.owner.changed(this)
  }

  override opened(hello: Hello): void {
    const { window } = this.outgoingCalls
    window.calls = Math.min(hello.limits.calls, QUEUE)
    if (this.transport.traits.payload === 'bytes') window.bytes = windowOf(hello.limits)
    super.opened(hello)
    this.owner.opened(this)
  }

  #control(op: number, values: readonly unknown[], canWait?: boolean): void {
    if (this.open) this.writer.control(op, values, canWait)
  }

  #send(message: Message, op: number, index: number, behind?: number): void {
    this.outgoingCalls.send(message, op, index, behind)
    this.hold()
  }

  protected override handle(op: number, head: number): void {
    const { decoder, realm, trusted } = this
    const calls = this.incomingCalls
    switch (op) {
      case Op.Call:
      case Op.Property:
      case Op.Request:
        return calls.take(decoder.number(), head)
      case Op.Tell:
        return calls.take(-1, head)
      case Op.Result:
      case Op.Fail:
        return this.#settle(op, decoder.number(), decoder.value())
      case Op.Abort:
        return calls.abort(decoder.number(), this.#value())
      case Op.Load:
        calls.load = decoder.number()
        return
      case Op.Names:
        if (!trusted) break
        return realm.directory.hear(this, decoder.value())
      case Op.Introduce:
        if (!trusted) break
        return realm.routes.shortcuts?.introduced(this, decoder.value())
      case Op.Credit:
        return this.outgoingCalls.credit(decoder.number(), decoder.number())
      case Op.Down:
        return this.#endListeners.fire(decoder.number(), this.#value())
      case Op.Release:
        return this.#release(decoder.number(), decoder.number())
      case Op.Sent:
        return this.expect(decoder.number())
      case Op.Lost:
        return this.#lost(decoder.number())
      case Op.Ping:
        decoder.value()
        return this.intake ? this.intake.asked() : this.pong()
      case Op.Pong:
        return void decoder.value()
    }
    throw new ActorError('protocol', `the peer sent an unknown frame ${head}`)
  }

  /** What comes with no message. */
  #value(): unknown {
    const value = this.decoder.value()
    this.references.came = undefined
    return value
  }

  // Called when the frame is read whole: one that cannot be read leaves its call in the table, to end as unknown.
  #settle(op: number, slot: number, outcome: unknown): void {
    const { fault } = this.decoder
    const message = this.outgoingCalls.settle(slot)
    if (!message) throw new ActorError('protocol', 'the peer answered a call that was not made')
    const { references } = this
    if (references.came) references.cameWith(message.parent)
    if (fault) message.fail(fault.asRunning())
    else if (op === Op.Result) message.done(outcome)
    else message.fail(outcome)
    this.hold()
  }

  /** The peer could not read a payload: what was in it alone fails. */
  #lost(number: number): void {
    const { fragile } = this.writer
    const subject = fragile.get(number)
    if (!fragile.delete(number))
      throw new ActorError('malformed', 'a message could not be read in the realm of the peer')
    if (subject !== undefined && subject < 0) return this.incomingCalls.unread(~subject)
    const reason = new ActorError('uncloneable', 'a value cannot be read in the realm of the peer')
    if (subject === undefined) {
      this.outgoingCalls.credit(1, 0)
      return this.realm.lost(reason, `a message to ${this.peer}`)
    }
    this.outgoingCalls.settle(subject)?.fail(reason)
    this.hold()
  }

  /** The peer lets go of a reference. */
  #release(index: number, count: number): void {
    const { exports } = this.references
    const entry = exports.at(index)
    exports.returnLease(index, count)
    if (entry?.kind === 'actor' && !exports.at(index)) this.#endListeners.forget(entry.target)
  }

  protected override ended(reason: ActorError): void {
    const lost = new ActorError('unreachable', `the link to ${this.peer} ended`, { cause: reason })
    this.outgoingCalls.fail(reason)
    this.incomingCalls.cancel()
    this.references.clear(lost)
    this.#endListeners.end(lost)
  }
}

/** The actor whose messages a request must not pass, or all of them; it passes all others. */
function behind(method: string, [first, second]: readonly unknown[]): number {
  if (method === 'end' && drains(first as StopOptions)) return EVERY
  return method === 'fence' || (method === 'stop' && drains(second as StopOptions | undefined)) ? (first as number) : -1
}

const drains = ({ mode = 'drain' }: StopOptions = {}): boolean => mode === 'drain'

const opOf = (message: Message): number => (message.access ? Op.Property : message.expectsReply ? Op.Call : Op.Tell)
