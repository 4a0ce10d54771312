import { Ask } from '../ask.js'
import { Deferred } from '../deferred.js'
import { ActorError, asActorError, type ErrorCode } from '../errors.js'
import { HELLO_BYTES, type Limits, QUEUE, TRUSTED } from '../limits.js'
import type { Caller, Extensions, Holder, Message, Receiver } from '../message.js'
import { borrow, refOf } from '../proxy.js'
import type { Realm } from '../realm.js'
import type { Ref } from '../ref.js'
import type { Transport } from '../transport.js'
import type { Mark } from '../wire/codec.js'
import { Decoder } from '../wire/decode.js'
import { Encoder } from '../wire/encode.js'
import { type Authorize, type Grant, Handshake } from './handshake.js'
import { Heartbeat } from './heartbeat.js'
import { Inbound, type Replier } from './inbound.js'
import { Op, Part } from './op.js'
import { Outbox } from './outbox.js'
import { Pending } from './pending.js'
import { type Exported, References } from './references.js'
import type { Carrier } from './remote-ref.js'
import { Waiting } from './waiting.js'

export interface LinkOptions {
  /** Whether the peer came to us. */
  readonly incoming: boolean
  readonly token: string | undefined
  readonly authorize: Authorize | undefined
  /** Spawnable keys for a peer with this grant. */
  readonly actors: (grant: Grant) => readonly string[]
  /** Answers the peer's system requests. */
  readonly desk: (link: Link, verb: string, args: readonly unknown[]) => unknown
}

/**
 * What core makes of a transport: handshake, order, batching, the calls that await replies, one close.
 *
 * Every call settles: with the peer's reply, or, when the link ends, with `unreachable` if it never
 * left this realm and `unknown` if it may have run.
 */
export class Link implements Carrier, Holder, Replier {
  readonly references: References
  readonly trusted: boolean
  readonly #realm: Realm
  readonly #transport: Transport
  readonly #options: LinkOptions
  readonly #limits: Limits
  readonly #handshake: Handshake
  readonly #outbox: Outbox
  readonly #encoder: Encoder
  readonly #decoder: Decoder
  readonly #pending = new Pending()
  readonly #waiting = new Waiting()
  readonly #inbound = new Map<number, Message>()
  readonly #timer: unknown
  #state: 'opening' | 'open' | 'closed' = 'opening'
  #heartbeat: Heartbeat | undefined
  #early = 0
  #flying = 0
  #window = 0
  #held = false
  /** Calls that the peer has in flight, by its own word; 0 if they are few. */
  #load = 0
  #caller: Caller | undefined
  #writing = false
  #later: (() => void)[] = []
  readonly #ready = new Deferred<void>()
  readonly #closed = new Deferred<ActorError>()

  constructor(realm: Realm, transport: Transport, options: LinkOptions) {
    const { trusted } = transport.traits
    const limits = realm.limits[trusted ? 'trusted' : 'untrusted']
    this.#realm = realm
    this.#transport = transport
    this.#options = options
    this.#limits = limits
    this.trusted = trusted
    // Whoever awaits it gets the reason; nobody has to.
    this.#ready.promise.catch(() => {})
    this.references = new References(realm, this, trusted, limits.references, () => this.peer)
    this.#encoder = new Encoder(this.references, limits, trusted)
    this.#decoder = new Decoder(this.references, limits)
    this.#outbox = new Outbox(transport, limits.frame, (error) => this.#broken(error))
    this.#handshake = new Handshake(
      {
        id: realm.id,
        nonce: realm.env.id(),
        limits,
        token: options.token,
        decide: (token) => this.#decide(token),
        actors: options.actors,
      },
      {
        hello: (hello) => this.#control(Op.Hello, hello),
        welcome: (welcome) => this.#control(Op.Welcome, welcome),
        open: () => this.#open(),
        failed: (error) => this.close(error),
      },
    )
    const patience = options.incoming || trusted ? limits.handshake : TRUSTED.handshake
    this.#timer = realm.env.setTimer(
      () =>
        this.close(
          new ActorError('handshake-timeout', `the peer did not complete the handshake within ${patience} ms`),
        ),
      patience,
    )
    void transport.closed.then((reason) => this.#end(reason))
    transport.receive((data) => this.#receive(data))
    this.#hold()
    this.#handshake.start()
  }

  /** Resolves when both sides have consented; rejects with the reason if they never do. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** Resolves with the reason when the link has ended. */
  get closed(): Promise<ActorError> {
    return this.#closed.promise
  }

  /** The peer's id, once it said hello. */
  get peer(): string {
    return this.#handshake.peer?.id ?? ''
  }

  /** Keys that the peer lets us spawn. */
  get actors(): readonly string[] {
    return this.#handshake.welcomed?.actors ?? []
  }

  /** What the peer may do here. */
  get grant(): Grant {
    return this.#handshake.grant ?? {}
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  get pending(): number {
    return this.#pending.size
  }

  get caller(): Caller {
    return (this.#caller ??= { peer: this.peer, user: this.grant.user })
  }

  get patience(): number {
    return Math.min(this.#limits.deadline, this.#realm.patience)
  }

  report(error: unknown, about: string): void {
    this.#realm.report(error, about)
  }

  send(message: Message, index: number): void {
    this.#send(message, message.expectsReply ? Op.Call : Op.Tell, index)
  }

  request(verb: string, args: readonly unknown[]): Promise<unknown> {
    const { env, deadlines } = this.#realm
    const deadline = this.patience === Infinity ? Infinity : env.now() + this.patience
    const ask = new Ask(verb, args, undefined, deadline, undefined)
    this.#send(ask, Op.Request, -1)
    if (deadline !== Infinity && !ask.settled) ask.expireAt(deadlines)
    return ask.promise
  }

  withdraw(message: Message): boolean {
    if (!message.started) return true
    if (this.#state === 'open') this.#control(Op.Abort, message.slot)
    return false
  }

  reply(slot: number, value: unknown): void {
    this.#reply(slot, Op.Result, value)
  }

  replyError(slot: number, error: unknown): void {
    this.#reply(slot, Op.Fail, error)
  }

  /** Tells the peer why, then ends. */
  close(reason: ActorError): void {
    if (this.#state === 'closed') return
    this.#control(Op.Close, { code: reason.code, text: reason.message })
    this.#end(reason)
  }

  #decide(token: string | undefined): Grant | Promise<Grant> {
    const { authorize, incoming } = this.#options
    const facts = this.#transport.facts ?? {}
    if (!authorize) {
      if (this.trusted || !incoming || facts.loopback) return { control: this.trusted }
      throw new ActorError('unauthorized', 'no authorize was given, so only peers on the loopback interface come in')
    }
    const verdict = (granted: boolean | Grant): Grant => {
      if (granted === false) throw new ActorError('unauthorized', 'the peer was not let in')
      return granted === true ? { control: this.trusted } : granted
    }
    const answer = authorize({ ...facts, token })
    return typeof answer === 'object' && 'then' in answer ? answer.then(verdict) : verdict(answer)
  }

  #open(): void {
    const { env } = this.#realm
    const { limits } = this.#handshake.peer!
    this.#state = 'open'
    env.clearTimer(this.#timer)
    this.#encoder.limits = { ...this.#limits, ...limits }
    this.#outbox.limit = this.#transport.traits.payload === 'bytes' ? limits.frame : Infinity
    this.#window = Math.min(limits.calls, QUEUE)
    this.references.quota = limits.references
    if (this.#transport.traits.heartbeat) {
      this.#heartbeat = new Heartbeat(
        env,
        this.#limits.heartbeat,
        () => this.#control(Op.Ping, undefined),
        () => this.close(new ActorError('unreachable', 'the peer fell silent')),
      )
    }
    this.#hold()
    this.#ready.resolve()
  }

  #send(message: Message, op: number, index: number): void {
    if (this.#state !== 'open') {
      return message.fail(
        new ActorError('unreachable', `the link to ${this.peer} is closed; ${message.method}() did not leave`),
      )
    }
    if (this.#writing) return void this.#later.push(() => this.#send(message, op, index))
    if (this.#pending.size >= QUEUE || this.#waiting.size >= QUEUE) {
      return message.fail(new ActorError('overloaded', `${QUEUE} messages wait at the link to ${this.peer} already`))
    }
    const { sink } = this.#outbox
    const slot = op === Op.Tell ? -1 : this.#pending.add(message)
    message.holder = this
    message.slot = slot
    const failure = this.#transmit(
      () => {
        sink.number(op)
        if (slot >= 0) sink.number(slot)
        if (op !== Op.Request) sink.number(index)
        this.#envelope(message)
      },
      (start) => {
        const full = slot >= 0 && this.#flying >= this.#window
        if (full || this.#waiting.size > 0) this.#waiting.put(message, sink.cut(start))
        else this.#launch(message, start)
      },
    )
    if (failure) {
      if (slot >= 0) this.#pending.take(slot)
      message.fail(failure)
    }
    message.args = []
    this.#hold()
  }

  #launch(message: Message, start: number): void {
    if (message.slot < 0) return this.#outbox.tell(start)
    message.started = true
    this.#flying++
    try {
      this.#outbox.call(start, this.#flying)
    } catch (error) {
      this.#flying--
      throw error
    }
  }

  #envelope(message: Message): void {
    const { sink } = this.#outbox
    const { method, args, deadline, sender, extensions } = message
    sink.string(method)
    sink.number(
      (deadline === Infinity ? 0 : Part.Remaining) | (sender ? Part.Sender : 0) | (extensions ? Part.Extensions : 0),
    )
    if (deadline !== Infinity) sink.number(Math.max(0, Math.ceil(deadline - this.#realm.env.now())))
    if (sender) this.#encoder.value(borrow(sender as Ref))
    if (extensions) this.#encoder.value(extensions)
    sink.number(args.length)
    for (const arg of args) this.#encoder.value(arg)
  }

  /** Writes one frame and commits it; what goes wrong is returned, and nothing of the frame remains. */
  #transmit(frame: () => void, commit: (start: Mark) => void): ActorError | undefined {
    const { sink } = this.#outbox
    const start = sink.mark()
    this.#writing = true
    try {
      this.#encoder.begin(sink)
      frame()
      commit(start)
      return undefined
    } catch (error) {
      sink.rollback(Math.min(start, sink.mark()))
      return asActorError(error, 'uncloneable', 'a value cannot be sent')
    } finally {
      this.#writing = false
      // A getter in the value may have sent messages of its own: they follow the frame.
      for (const send of this.#later.splice(0)) send()
    }
  }

  #control(op: number, value: unknown): void {
    if (this.#writing) return void this.#later.push(() => this.#control(op, value))
    const { sink } = this.#outbox
    const failure = this.#transmit(
      () => {
        sink.number(op)
        this.#encoder.value(value)
      },
      (start) => this.#outbox.control(start),
    )
    if (failure) this.#broken(failure)
  }

  #reply(slot: number, op: number, value: unknown): void {
    if (this.#writing) return void this.#later.push(() => this.#reply(slot, op, value))
    const waiting = Math.max(this.#inbound.size, this.#load)
    if (!this.#inbound.delete(slot) || this.#state !== 'open') return
    const { sink } = this.#outbox
    const attempt = (kind: number, outcome: unknown): ActorError | undefined =>
      this.#transmit(
        () => {
          sink.number(kind)
          sink.number(slot)
          this.#encoder.value(outcome)
        },
        (start) => this.#outbox.reply(start, waiting),
      )
    const failure = attempt(op, value)
    if (failure)
      attempt(Op.Fail, new ActorError(failure.code, `the outcome cannot be sent: ${failure.message}`, { ran: 'maybe' }))
  }

  #receive(data: unknown): void {
    if (this.#state === 'closed') return
    this.#heartbeat?.heard()
    try {
      const opening = this.#state === 'opening'
      if (opening && ++this.#early > EARLY) throw new ActorError('protocol', 'the peer talks before it is let in')
      const source = this.#transport.codec.source(data, opening ? HELLO_BYTES : this.#limits.frame)
      while (source.more() && this.#alive()) {
        this.#decoder.begin(source)
        this.#frame(this.#decoder.number())
      }
    } catch (error) {
      this.close(asActorError(error, 'malformed', 'a frame could not be read'))
    }
  }

  #alive(): boolean {
    return this.#state !== 'closed'
  }

  #frame(op: number): void {
    const decoder = this.#decoder
    if (op === Op.Close) return this.#end(readReason(decoder.value()))
    if (op === Op.Hello) return this.#handshake.receiveHello(decoder.value())
    if (op === Op.Welcome) return this.#handshake.receiveWelcome(decoder.value())
    if (this.#state !== 'open') throw new ActorError('protocol', 'the peer sent a message before it was welcome')
    switch (op) {
      case Op.Call:
        this.#load = 0
        return this.#called(decoder.number(), decoder.number())
      case Op.Tell:
        return this.#called(-1, decoder.number())
      case Op.Request:
        return this.#requested(decoder.number())
      case Op.Result:
      case Op.Fail: {
        // Read whole before the call is taken from the table: a frame that cannot be read settles it as unknown.
        const slot = decoder.number()
        const outcome = decoder.value()
        const message = this.#settled(slot)
        return op === Op.Result ? message.done(outcome) : message.fail(outcome)
      }
      case Op.Abort:
        return this.#inbound.get(decoder.number())?.cancel(new ActorError('aborted', 'the caller gave up'))
      case Op.Load:
        this.#load = decoder.number()
        return
      case Op.Ping:
        decoder.value()
        return this.#control(Op.Pong, undefined)
      case Op.Pong:
        return void decoder.value()
      default:
        throw new ActorError('protocol', `the peer sent an unknown frame ${op}`)
    }
  }

  #called(slot: number, index: number): void {
    const message = this.#inboundOf(slot)
    if (!message) return
    const exported = this.references.at(index)
    if (!exported) {
      return message.fail(
        new ActorError('not-found', 'the reference was not handed out over this link, or was released'),
      )
    }
    if (exported.kind === 'actor') exported.target.deliver(message)
    else this.#invoke(index, exported, message)
    if (message.deadline !== Infinity && !message.settled) message.expireAt(this.#realm.deadlines)
  }

  #requested(slot: number): void {
    const message = this.#inboundOf(slot)
    if (message) settle(message, () => this.#options.desk(this, message.method, message.args))
  }

  /** Reads the envelope of a message; undefined if it was refused. */
  #inboundOf(slot: number): Inbound | undefined {
    const decoder = this.#decoder
    const method = decoder.name()
    const parts = decoder.number()
    const deadline = parts & Part.Remaining ? this.#realm.env.now() + decoder.number() : Infinity
    const sender = parts & Part.Sender ? refOf(decoder.value()) : undefined
    const extensions = parts & Part.Extensions ? readExtensions(decoder.value()) : undefined
    const args = decoder.list()
    const message = new Inbound(this, slot, method, args, sender as Receiver | undefined, deadline, extensions)
    if (slot < 0) return message
    if (this.#inbound.has(slot)) throw new ActorError('protocol', 'the peer used a call id twice')
    this.#inbound.set(slot, message)
    if (this.#inbound.size <= this.#limits.calls) return message
    message.fail(new ActorError('overloaded', `the peer has more than ${this.#limits.calls} calls in flight`))
    return undefined
  }

  /** A function runs at once, outside any mailbox; a stream takes one step. */
  #invoke(index: number, exported: Exclude<Exported, { kind: 'actor' }>, message: Message): void {
    message.started = true
    if (exported.kind === 'function') {
      return settle(message, () => Reflect.apply(exported.target, undefined, message.args))
    }
    const { method } = message
    settle(message, async () => {
      if (method !== 'next' && method !== 'return' && method !== 'throw') {
        throw new ActorError('not-exposed', 'a stream has next, return and throw only')
      }
      const iterator = (exported.iterator ??= exported.target[Symbol.asyncIterator]())
      try {
        const step = await (iterator[method]?.(message.args[0]) ?? { done: true, value: message.args[0] })
        if (step.done) this.references.release(index)
        return { done: step.done === true, value: step.value }
      } catch (error) {
        this.references.release(index)
        throw error
      }
    })
  }

  #settled(slot: number): Message {
    const message = this.#pending.take(slot)
    if (!message) throw new ActorError('protocol', 'the peer answered a call that was not made')
    this.#flying--
    while (this.#waiting.size > 0 && this.#flying < this.#window) this.#admit()
    this.#hold()
    return message
  }

  #admit(): void {
    const { message, frame } = this.#waiting.take()!
    if (message.settled) return void (message.slot >= 0 && this.#pending.take(message.slot))
    const { sink } = this.#outbox
    const start = sink.mark()
    sink.append(frame)
    this.#launch(message, start)
  }

  #hold(): void {
    const busy = this.#state === 'opening' || this.#pending.size > 0
    if (busy === this.#held) return
    this.#held = busy
    this.#transport.hold?.(busy)
  }

  #broken(error: unknown): void {
    this.#end(asActorError(error, 'unreachable', 'the transport failed'))
  }

  #end(reason: ActorError): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#realm.env.clearTimer(this.#timer)
    this.#heartbeat?.stop()
    this.#transport.close()
    for (const message of this.#pending.drain()) {
      const text = `the link to ${this.peer} ended`
      message.fail(
        message.started
          ? new ActorError('unknown', `${text} while ${message.method}() was in flight; it may have run`, {
              cause: reason,
            })
          : new ActorError('unreachable', `${text} before ${message.method}() left`, { cause: reason }),
      )
    }
    for (const message of this.#inbound.values())
      message?.cancel(new ActorError('aborted', 'the link of the caller died'))
    this.#inbound.clear()
    this.references.clear()
    this.#hold()
    this.#ready.reject(reason)
    this.#closed.resolve(reason)
  }
}

/** Hello, answer, welcome, and one to spare for a hello sent twice. */
const EARLY = 4

/** Runs code of the user's and settles the message with what comes of it. */
function settle(message: Message, work: () => unknown): void {
  try {
    const result = work()
    if (typeof result === 'object' && result !== null && typeof (result as PromiseLike<unknown>).then === 'function') {
      ;(result as PromiseLike<unknown>).then(
        (value) => message.done(value),
        (error: unknown) => message.fail(error),
      )
    } else message.done(result)
  } catch (error) {
    message.fail(error)
  }
}

function readReason(value: unknown): ActorError {
  const { code, text } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  return new ActorError(
    (typeof code === 'string' ? code : 'protocol') as ErrorCode,
    `the peer closed the link: ${String(text).slice(0, 1_000)}`,
  )
}

function readExtensions(value: unknown): Extensions {
  if (typeof value !== 'object' || value === null) throw new ActorError('malformed', 'the extensions are no record')
  return value as Extensions
}
