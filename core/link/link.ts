import { Ask } from '../message/ask.js'
import { Deferred } from '../ground/deferred.js'
import { ActorError, asActorError } from '../ground/errors.js'
import { QUEUE } from '../ground/limits.js'
import type { Caller, Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import type { Ports, Transport } from '../transport/transport.js'
import type { Encoder } from '../wire/encode.js'
import type { Feature, Grant, Handshake } from './session/handshake.js'
import { Heartbeat, type Rhythm } from './session/heartbeat.js'
import type { Incoming } from './calls/incoming.js'
import { Op, Part } from './session/op.js'
import type { Outgoing } from './calls/outgoing.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import type { Line } from '../remote/routes.js'
import type { Notices } from './notices.js'
import type { ControlFrames } from './control-frames.js'
import { FrameReader } from './frame-reader.js'
import { assemble } from './parts.js'
import type { References } from './references/references.js'
import type { LinkHome } from './link-home.js'
import type { LinkOptions } from './link-options.js'
import type { Writer } from './session/writer.js'

/** Nobody is asked unless there is reason to; then 5 s to answer. */
const ON_SUSPICION: Rhythm = { after: Infinity, grace: 5_000 }

/**
 * What core makes of a transport: handshake, order, batching, the calls that await replies, one close.
 *
 * Every call settles: with the peer's reply, or, when the link ends, with `unreachable` if it never
 * left this realm and `unknown` if it may have run.
 */
export class Link implements Line {
  readonly references: References
  readonly trusted: boolean
  readonly patience: number
  readonly medium: object | undefined
  readonly ports: Ports | undefined
  isIntroducible = false
  readonly #realm: LinkHome
  readonly #transport: Transport
  readonly #options: LinkOptions
  readonly #handshake: Handshake
  readonly #writer: Writer
  readonly #reader: FrameReader
  readonly #outgoing: Outgoing
  readonly #incoming: Incoming
  readonly #timer: unknown
  readonly #ready = new Deferred<void>()
  readonly #closed = new Deferred<ActorError>()
  #state: 'opening' | 'open' | 'closed' = 'opening'
  #heartbeat: Heartbeat | undefined
  readonly #frames: ControlFrames
  readonly #notices: Notices
  #held = false
  #caller: Caller | undefined

  constructor(realm: LinkHome, transport: Transport, options: LinkOptions) {
    const { trusted } = transport.traits
    const limits = realm.limits[trusted ? 'trusted' : 'untrusted']
    this.#realm = realm
    this.#transport = transport
    this.#options = options
    this.trusted = trusted
    this.patience = limits.deadline
    this.medium = options.medium
    this.ports = transport.ports
    // Whoever awaits it gets the reason; nobody has to.
    this.#ready.promise.catch(() => {})
    const parts = assemble(this, realm, transport, options, {
      open: () => this.#open(),
      abort: (slot, reason) => this.#abort(slot, reason),
      broken: (error) => this.#end(asActorError(error, 'unreachable', 'the transport failed')),
    })
    this.references = parts.references
    this.#writer = parts.writer
    this.#frames = parts.frames
    this.#notices = parts.notices
    this.#outgoing = parts.outgoing
    this.#incoming = parts.incoming
    this.#handshake = parts.handshake
    this.#reader = new FrameReader(this, transport, limits, options, parts, {
      answered: () => this.#hold(),
      ended: (reason) => this.#end(reason),
    })
    const patience = options.incoming ? limits.handshake : realm.limits.trusted.handshake
    const late = `the peer did not complete the handshake within ${patience} ms`
    this.#timer = realm.env.setTimer(() => this.close(new ActorError('handshake-timeout', late)), patience)
    void transport.closed.then((reason) => this.#end(reason))
    transport.receive((data) => this.#receive(data))
    this.#hold()
    this.#handshake.start()
  }

  /** Resolves once both sides have consented. */
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

  get hasEnded(): boolean {
    return this.#state === 'closed'
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

  announce(news: object): void {
    if (this.#state === 'open') this.#frames.value(Op.Names, news, true)
  }

  introduce(introduction: object): void {
    if (this.#state === 'open') this.#frames.value(Op.Introduce, introduction)
  }

  send(message: Message, index: number): void {
    this.#send(message, message.access ? Op.Property : message.expectsReply ? Op.Call : Op.Tell, index)
  }

  follow(message: Message, slot: number): boolean {
    if (!this.open || !this.#outgoing.hasRoom || !this.#understands('followers')) return false
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
    const isFirst = this.#notices.add(index, listener)
    if (isFirst && !isTold) {
      // The end of the link itself is told to all who watch.
      this.request('watch', [index]).catch((error: unknown) => this.open && this.#notices.fire(index, error))
    }
    return () => this.#notices.remove(index, listener)
  }

  /** Tells the peer when an actor that it knows of ends. */
  tellEnd(ref: Ref): void {
    this.#notices.follow(ref)
  }

  giveBack(index: number, count: number): void {
    this.#notices.fire(index, new ActorError('released', 'it was let go of here'))
    if (this.#state !== 'open') return
    const body = ({ sink }: Encoder): void => {
      sink.number(index)
      sink.number(count)
    }
    this.#frames.write(Op.Release, body, true)
  }

  took(index: number, ref: RemoteRef): void {
    this.references.imports.add(index, ref)
  }

  /** Tells the peer why, then ends. */
  close(reason: ActorError): void {
    if (this.#state === 'closed') return
    this.#frames.value(Op.Close, { code: reason.code, text: reason.message })
    this.#end(reason)
  }

  #understands(feature: Feature): boolean {
    return this.#handshake.peer?.features?.includes(feature) ?? false
  }

  #open(): void {
    const { env } = this.#realm
    const { limits } = this.#handshake.peer!
    const { outbox, encoder } = this.#writer
    const { payload, heartbeat } = this.#transport.traits
    const { heartbeat: after } = encoder.limits
    this.#state = 'open'
    env.clearTimer(this.#timer)
    this.isIntroducible = this.trusted && this.ports !== undefined && this.#understands('introductions')
    if (this.#understands('batches')) outbox.useBatches()
    encoder.limits = { ...encoder.limits, ...limits }
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
      () => this.#frames.value(Op.Ping, undefined),
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
      this.#frames.value(Op.Abort, slot)
      if (reason.code === 'timeout' && this.#options.isOurs) this.#listen(ON_SUSPICION).suspect()
    }
    this.#hold()
  }

  tell(index: number, reason: unknown): void {
    if (this.#state === 'open') this.#notices.tell(index, reason)
  }

  #receive(data: unknown): void {
    if (this.#state === 'closed') return
    const realm = this.#realm
    realm.queue?.pump()
    realm.time = realm.env.now()
    this.#heartbeat?.heard(realm.time)
    try {
      this.#reader.read(data)
    } catch (error) {
      this.close(asActorError(error, 'malformed', 'a frame could not be read'))
    }
  }

  #hold(): void {
    // Whoever waits for peers stays for them; whoever called waits for the answer only.
    const { incoming } = this.#options
    const busy = this.#state !== 'closed' && (incoming || this.#state === 'opening' || this.#outgoing.size > 0)
    if (busy === this.#held) return
    this.#held = busy
    this.#transport.hold?.(busy)
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
    this.#notices.clear()
    // Whoever brings the peer back hears of the end first, and may have put another way in place.
    void this.#closed.promise.then(() =>
      this.#notices.fireAll(new ActorError('unreachable', `the link to ${this.peer} ended`, { cause: reason })),
    )
    this.#hold()
  }
}
