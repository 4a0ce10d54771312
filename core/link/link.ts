import { Ask } from '../message/ask.js'
import { Deferred } from '../ground/deferred.js'
import { ActorError, asActorError, type ErrorCode } from '../ground/errors.js'
import { HELLO_BYTES, type Limits, QUEUE } from '../ground/limits.js'
import type { Caller, Message } from '../message/message.js'
import type { Realm } from '../realm/realm.js'
import type { Ref } from '../message/ref.js'
import type { Neighbour, News } from '../directory/sightings.js'
import type { Ports, Transport } from '../transport/transport.js'
import { Decoder } from '../wire/decode.js'
import { Encoder } from '../wire/encode.js'
import { type Authorize, decide, type Grant, Handshake } from './session/handshake.js'
import { Heartbeat, type Rhythm } from './session/heartbeat.js'
import { Incoming } from './calls/incoming.js'
import { OP, Op, Part } from './session/op.js'
import { Outbox } from './session/outbox.js'
import { Outgoing } from './calls/outgoing.js'
import { References } from './references/references.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import type { Line } from '../remote/routes.js'
import { Watches } from './watches.js'
import { Writer } from './session/writer.js'

export interface LinkOptions {
  /** Whether the peer came to us. */
  readonly incoming: boolean
  readonly token: string | undefined
  readonly authorize: Authorize | undefined
  /** Spawnable keys for a peer with this grant. */
  readonly actors: (grant: Grant) => readonly string[]
  /** Answers the peer's system requests. */
  readonly desk: (link: Link, verb: string, args: readonly unknown[]) => unknown
  /** What many links share, if they do: those on it hear each other themselves. */
  readonly medium?: object | undefined
  /** Both sides have consented. Called before anything else of the peer is read. */
  readonly opened: (link: Link) => void
  /** A trusted peer announced names. */
  readonly heard: (link: Link, news: unknown) => void
  /** How silence is judged, where it is watched more closely than the transport asks for. */
  readonly unresponsive?: Rhythm | undefined
  /** Whether the realm there is ours to end: a call that passes its deadline is reason to ask whether it lives. */
  readonly isOurs?: boolean
  /** A trusted peer handed a port over. */
  readonly introduced: (link: Link, introduction: unknown) => void
}

/** Hello, its answer, welcome, and one to spare for a hello sent twice. */
const EARLY = 4
/** Nobody is asked unless there is reason to; then 5 s to answer. */
const ON_SUSPICION: Rhythm = { after: Infinity, grace: 5_000 }

/**
 * What core makes of a transport: handshake, order, batching, the calls that await replies, one close.
 *
 * Every call settles: with the peer's reply, or, when the link ends, with `unreachable` if it never
 * left this realm and `unknown` if it may have run.
 */
export class Link implements Line, Neighbour {
  readonly references: References
  readonly trusted: boolean
  readonly #realm: Realm
  readonly #transport: Transport
  readonly #options: LinkOptions
  readonly #limits: Limits
  readonly #handshake: Handshake
  readonly #writer: Writer
  readonly #decoder: Decoder
  readonly #outgoing: Outgoing
  readonly #incoming: Incoming
  readonly #timer: unknown
  readonly #ready = new Deferred<void>()
  readonly #closed = new Deferred<ActorError>()
  #state: 'opening' | 'open' | 'closed' = 'opening'
  #heartbeat: Heartbeat | undefined
  readonly #watches = new Watches()
  /** Actors of whose end the peer is told, each with the undo. */
  readonly #told = new Map<Ref, () => void>()
  #early = 0
  #held = false
  #caller: Caller | undefined

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
    const outbox = new Outbox(
      transport,
      limits.frame,
      (task) => realm.env.defer(task),
      (error) => this.#broken(error),
    )
    this.#writer = new Writer(outbox, new Encoder(this.references, limits, trusted))
    this.#decoder = new Decoder(this.references, limits)
    this.#outgoing = new Outgoing(
      realm,
      this,
      this.#writer,
      limits.name,
      (sender) => trusted || this.references.knows(sender),
      // A stranger is told that others wait, and not what they are called.
      (chain) => (trusted ? chain : chain.map((one) => (one.realm === this.peer ? one : { ...one, path: '…' }))),
      (slot, reason) => this.#abort(slot, reason),
    )
    this.#incoming = new Incoming(realm, this.#writer, this.references, limits, () => this.caller)
    this.#handshake = new Handshake(
      {
        id: realm.id,
        nonce: realm.env.id(),
        limits,
        token: options.token,
        decide: (token) => decide(options.authorize, { ...transport.facts, token }, trusted, options.incoming),
        actors: options.actors,
      },
      {
        hello: (hello) => this.#control(Op.Hello, hello),
        welcome: (welcome) => this.#control(Op.Welcome, welcome),
        open: () => this.#open(),
        failed: (error) => this.close(error),
      },
    )
    const patience = options.incoming ? limits.handshake : realm.limits.trusted.handshake
    const late = `the peer did not complete the handshake within ${patience} ms`
    this.#timer = realm.env.setTimer(() => this.close(new ActorError('handshake-timeout', late)), patience)
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

  /** Calls of ours that await a reply. */
  get pending(): number {
    return this.#outgoing.size
  }

  /** Bytes that were sent and wait for the peer. */
  get buffered(): number {
    return (this.#transport.buffered ?? 0) + this.references.buffered
  }

  get caller(): Caller {
    return (this.#caller ??= { peer: this.peer, user: this.grant.user })
  }

  get patience(): number {
    return this.#limits.deadline
  }

  get medium(): object | undefined {
    return this.#options.medium
  }

  get ports(): Ports | undefined {
    return this.#transport.ports
  }

  announce(news: News): void {
    if (this.#state === 'open') this.#control(Op.Names, news, true)
  }

  introduce(introduction: object): void {
    if (this.#state === 'open') this.#control(Op.Introduce, introduction)
  }

  send(message: Message, index: number): void {
    this.#send(message, message.access ? Op.Property : message.expectsReply ? Op.Call : Op.Tell, index)
  }

  follow(message: Message, slot: number): boolean {
    if (!this.open || !this.#outgoing.hasRoom) return false
    this.#send(message, (message.access ? Op.Property : Op.Call) | Part.Follows, slot)
    return true
  }

  request(verb: string, args: readonly unknown[], patience = this.patience): Promise<unknown> {
    const ask = new Ask(verb, args, undefined, Infinity, undefined)
    this.#send(ask, Op.Request, 0)
    if (ask.slot >= 0) ask.sent()
    if (patience !== Infinity && !ask.settled) this.#realm.deadlines.addDefault(ask, patience)
    return ask.promise
  }

  /** Calls `listener` when the actor at that place of the peer's table has ended, or the link. Returns its undo. */
  watch(index: number, listener: (reason: unknown) => void, isTold = false): () => void {
    const isFirst = this.#watches.add(index, listener)
    if (isFirst && !isTold) {
      // The end of the link itself is told to all who watch.
      this.request('watch', [index]).catch((error: unknown) => this.open && this.#watches.fire(index, error))
    }
    return () => this.#watches.remove(index, listener)
  }

  /** Tells the peer when an actor that it knows of ends. */
  tellEnd(ref: Ref): void {
    const { exports } = this.references
    if (this.#told.has(ref)) return
    const undo = ref.watch((reason) => {
      this.#told.delete(ref)
      const index = exports.indexOf(ref)
      if (index !== undefined) this.tell(index, reason)
    })
    this.#told.set(ref, undo)
  }

  giveBack(index: number, count: number): void {
    this.#watches.fire(index, new ActorError('released', 'it was let go of here'))
    if (this.#state !== 'open') return
    const body = ({ sink }: Encoder): void => {
      sink.number(index)
      sink.number(count)
    }
    this.#write(Op.Release, body, true)
  }

  took(index: number, ref: RemoteRef): void {
    this.references.imports.add(index, ref)
  }

  /** Tells the peer why, then ends. */
  close(reason: ActorError): void {
    if (this.#state === 'closed') return
    this.#control(Op.Close, { code: reason.code, text: reason.message })
    this.#end(reason)
  }

  #open(): void {
    const { env } = this.#realm
    const { limits } = this.#handshake.peer!
    const { outbox, encoder } = this.#writer
    const { payload, heartbeat } = this.#transport.traits
    const { heartbeat: after } = this.#limits
    this.#state = 'open'
    env.clearTimer(this.#timer)
    encoder.limits = { ...this.#limits, ...limits }
    outbox.limit = payload === 'bytes' ? limits.frame : Infinity
    this.#outgoing.window = Math.min(limits.calls, QUEUE)
    this.references.exports.quota = limits.references
    const { unresponsive = heartbeat ? { after, grace: after } : undefined } = this.#options
    if (unresponsive) this.#listen(unresponsive)
    this.#hold()
    this.#options.opened(this)
    this.#ready.resolve()
  }

  #listen(rhythm: Rhythm): Heartbeat {
    return (this.#heartbeat ??= new Heartbeat(
      this.#realm.env,
      rhythm,
      () => this.#control(Op.Ping, undefined),
      () => this.close(new ActorError('unreachable', 'the peer fell silent')),
    ))
  }

  #send(message: Message, op: number, index: number): void {
    if (this.#state !== 'open') {
      const text = `the link to ${this.peer} is closed; ${message.method}() did not leave`
      return message.fail(new ActorError('unreachable', text))
    }
    this.#outgoing.send(message, op, index)
    if (!this.#held) this.#hold()
  }

  #abort(slot: number, reason: ActorError): void {
    if (this.#state === 'open') {
      this.#control(Op.Abort, slot)
      if (reason.code === 'timeout' && this.#options.isOurs) this.#listen(ON_SUSPICION).suspect()
    }
    this.#hold()
  }

  /** A reason that cannot be sent is told by its text. */
  tell(index: number, reason: unknown): void {
    if (this.#state !== 'open') return
    const body = (encoder: Encoder): void => {
      encoder.sink.number(index)
      encoder.value(reason)
    }
    this.#write(Op.Down, body, false, () => this.tell(index, new ActorError('stopped', String(reason).slice(0, 1_000))))
  }

  #givenBack(index: number, count: number): void {
    const { exports } = this.references
    const entry = exports.at(index)
    exports.giveBack(index, count)
    if (entry?.kind !== 'actor' || exports.at(index)) return
    this.#told.get(entry.target)?.()
    this.#told.delete(entry.target)
  }

  #control(op: number, value: unknown, canWait = false): void {
    this.#write(op, (encoder) => encoder.value(value), canWait)
  }

  /** Writes a frame of our own. It leaves at once, unless it may wait for company. */
  #write(
    op: number,
    body: (encoder: Encoder) => void,
    canWait: boolean,
    failed = (error: ActorError) => this.#broken(error),
  ): void {
    const writer = this.#writer
    if (writer.busy) return writer.defer(() => this.#write(op, body, canWait, failed))
    const start = writer.begin(1)
    let failure: ActorError | undefined
    try {
      writer.sink.number(op)
      body(writer.encoder)
      if (canWait) writer.outbox.tell(start)
      else writer.outbox.control(start)
    } catch (error) {
      failure = writer.undo(start, error)
    } finally {
      writer.end()
    }
    if (failure) failed(failure)
  }

  #receive(data: unknown): void {
    if (this.#state === 'closed') return
    const realm = this.#realm
    realm.queue.pump()
    realm.time = realm.env.now()
    this.#heartbeat?.heard(realm.time)
    try {
      const opening = this.#state === 'opening'
      if (opening && ++this.#early > EARLY) throw new ActorError('protocol', 'the peer talks before it is let in')
      const source = this.#transport.codec.source(data, this.#limitNow(opening))
      while (source.more() && this.#alive()) {
        this.#decoder.begin(source)
        this.#frame(this.#decoder.number())
      }
    } catch (error) {
      this.close(asActorError(error, 'malformed', 'a frame could not be read'))
    }
  }

  // A stranger is read little of; platforms that clone set no limit of their own.
  #limitNow(opening: boolean): number {
    if (opening && this.#options.incoming && !this.trusted) return HELLO_BYTES
    return this.#transport.traits.payload === 'bytes' ? this.#limits.frame : Infinity
  }

  #alive(): boolean {
    return this.#state !== 'closed'
  }

  #frame(head: number): void {
    const op = head & OP
    const decoder = this.#decoder
    const incoming = this.#incoming
    if (op === Op.Close) return this.#end(readReason(decoder.value()))
    if (op === Op.Hello) return this.#handshake.receiveHello(decoder.value())
    if (op === Op.Welcome) return this.#handshake.receiveWelcome(decoder.value())
    if (this.#state !== 'open') throw new ActorError('protocol', 'the peer sent a message before it was welcome')
    switch (op) {
      case Op.Call:
      case Op.Property:
        incoming.load = 0
        return incoming.call(decoder.number(), head, decoder)
      case Op.Tell:
        return incoming.call(-1, head, decoder)
      case Op.Request:
        return incoming.request(decoder.number(), head, decoder, (verb, args) => this.#options.desk(this, verb, args))
      case Op.Result:
      case Op.Fail:
        return this.#settled(op, decoder.number(), decoder.value())
      case Op.Abort:
        return incoming.abort(decoder.number())
      case Op.Load:
        incoming.load = decoder.number()
        return
      case Op.Names:
      case Op.Introduce:
        if (!this.trusted) break
        return this.#options[op === Op.Names ? 'heard' : 'introduced'](this, decoder.value())
      case Op.Down:
        return this.#watches.fire(decoder.number(), decoder.value())
      case Op.Release:
        return this.#givenBack(decoder.number(), decoder.number())
      case Op.Ping:
        decoder.value()
        return this.#control(Op.Pong, undefined)
      case Op.Pong:
        return void decoder.value()
    }
    throw new ActorError('protocol', `the peer sent an unknown frame ${head}`)
  }

  // Called when the frame is read whole: one that cannot be read leaves its call in the table, to end as unknown.
  #settled(op: number, slot: number, outcome: unknown): void {
    const message = this.#outgoing.settle(slot)
    if (!message) throw new ActorError('protocol', 'the peer answered a call that was not made')
    const { fault } = this.#decoder
    if (fault) message.fail(fault.asRunning())
    else if (op === Op.Result) message.done(outcome)
    else message.fail(outcome)
    if (this.#outgoing.size === 0) this.#hold()
  }

  #hold(): void {
    // Whoever waits for peers stays for them; whoever called waits for the answer only.
    const { incoming } = this.#options
    const busy = this.#state !== 'closed' && (incoming || this.#state === 'opening' || this.#outgoing.size > 0)
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
    this.#ready.reject(reason)
    this.#closed.resolve(reason)
    this.#outgoing.fail(this.peer, reason)
    this.#incoming.cancel()
    this.references.clear()
    for (const undo of this.#told.values()) undo()
    this.#told.clear()
    // Whoever brings the peer back hears of the end first, and may have put another way in place.
    void this.#closed.promise.then(() =>
      this.#watches.fireAll(new ActorError('unreachable', `the link to ${this.peer} ended`, { cause: reason })),
    )
    this.#hold()
  }
}

function readReason(value: unknown): ActorError {
  const { code, text } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const known = (typeof code === 'string' ? code : 'protocol') as ErrorCode
  return new ActorError(known, `the peer closed the link: ${String(text).slice(0, 1_000)}`)
}
