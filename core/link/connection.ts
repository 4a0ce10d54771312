import { Deferred } from '../ground/deferred.js'
import { ActorError, asActorError } from '../ground/errors.js'
import { HELLO_BYTES, type Limits } from '../ground/limits.js'
import type { Carrier } from '../remote/link-route.js'
import { type Outage, type OutageWatcher, type Transport, UNREADABLE } from '../transport/transport.js'
import { Decoder } from '../wire/decode.js'
import { Encoder } from '../wire/encode.js'
import { featuresOf } from './features.js'
import type { LinkHome, LinkOwner } from './link-home.js'
import type { LinkOptions } from './link-options.js'
import { ReferenceWriter } from './references/reference-writer.js'
import type { References } from './references/references.js'
import { type Grant, Handshake, type Opening } from './session/handshake.js'
import { Heartbeat, type Rhythm } from './session/heartbeat.js'
import type { Feature, Hello } from './session/hello.js'
import type { Intake, Paced } from './session/intake.js'
import { OP, Op } from './session/op.js'
import { type OutboxLink } from './session/outbox.js'
import { readReason } from './session/reason.js'
import type { Source } from '../wire/codec.js'
import { Writer } from './session/writer.js'

/** Hello, its answer, welcome, and one more: a hello sent twice, or the second one with a proof. */
const EARLY = 4

/** Nobody is asked unless there is reason to; then 5 s to answer. */
const ON_SUSPICION: Rhythm = { after: Infinity, grace: 5_000 }

/** What a link is beside its messages: handshake, frames, heartbeat, one close. */
export abstract class Connection implements Opening, OutboxLink, OutageWatcher, Paced {
  readonly realm: LinkHome
  readonly trusted: boolean
  readonly limits: Limits
  /** What the peer may do here. */
  grant: Grant = {}
  open = false
  hasEnded = false
  /** Set while there is no connection. */
  outage: Outage | undefined = undefined
  /** Why the link is about to end, once that is known. */
  parting: ActorError | undefined = undefined
  readonly references: References
  readonly writer: Writer
  readonly decoder: Decoder
  /** What takes in the payloads of a peer that is not trusted. */
  readonly intake: Intake | undefined
  readonly #handshake: Handshake
  readonly #ready = new Deferred<void>()
  readonly #closed = new Deferred<ActorError>()
  /** Resolves with the reason when the link has ended. */
  readonly closed = this.#closed.promise
  #timer: unknown
  #heartbeat: Heartbeat | undefined
  #isHeld = false
  /** When the payload came that is being read. */
  arrived = 0
  /** Payloads before both sides have consented. */
  #early = 0
  /** Payloads since the peer's welcome. */
  #received = 0

  constructor(
    readonly owner: LinkOwner,
    readonly transport: Transport,
    readonly options: LinkOptions,
  ) {
    const { realm } = owner
    const { trusted } = transport.traits
    const limits = realm.limits[trusted ? 'trusted' : 'untrusted']
    this.realm = realm
    this.trusted = trusted
    this.limits = limits
    const references = new ReferenceWriter(realm, this as unknown as Carrier, limits.references)
    this.references = references
    this.writer = new Writer(this, new Encoder(references, limits, trusted))
    this.decoder = new Decoder(references, limits)
    this.intake = trusted ? undefined : options.intake?.(this)
    this.#handshake = new Handshake(this, featuresOf(realm, transport, options))
  }

  /** The peer's id, once it said hello. */
  get peer(): string {
    return this.#handshake.peer?.id ?? ''
  }

  /** Keys that the peer lets us spawn. */
  get actors(): readonly string[] {
    return this.#handshake.welcomed?.actors ?? []
  }

  /** Calls of ours that await a reply. */
  abstract readonly pending: number

  /** Handles a frame of a peer that was let in. Throws what ends the link. */
  protected abstract handle(op: number, head: number): void

  protected abstract ended(reason: ActorError): void

  /** Begins the handshake. Resolves when both sides have consented; rejects with the reason if they never do. */
  start(): Promise<void> {
    const { env, limits } = this.realm
    const timeout = this.options.incoming ? this.limits.handshake : limits.trusted.handshake
    const late = `the peer did not complete the handshake within ${timeout} ms`
    this.#timer = env.setTimer(() => this.close(new ActorError('handshake-timeout', late)), timeout)
    void this.transport.closed.then((reason) => this.#end(reason))
    this.transport.receive((data) => this.#receive(data))
    this.hold()
    this.#handshake.start()
    return this.#ready.promise
  }

  understands(feature: Feature): boolean {
    return this.#handshake.peer?.features?.includes(feature) ?? false
  }

  opened({ limits }: Hello): void {
    const { writer, transport } = this
    const { payload, heartbeat } = transport.traits
    const { heartbeat: after } = this.limits
    this.open = true
    this.realm.env.clearTimer(this.#timer)
    if (this.understands('batches')) writer.useBatches()
    writer.encoder.limits = { ...this.limits, ...limits }
    writer.limit = payload === 'bytes' ? limits.frame : Infinity
    const { exports } = this.references
    exports.quota = Math.min(exports.quota, limits.references)
    const { unresponsive = heartbeat ? { after, grace: after } : ON_SUSPICION } = this.options
    const ask = (): void => writer.control(Op.Ping, [undefined])
    this.#heartbeat = new Heartbeat(this.realm.env, unresponsive, ask, () => {
      const reason = new ActorError('unreachable', 'the peer does not answer')
      if (!transport.silent?.(reason)) this.close(reason)
    })
    this.hold()
    this.#ready.resolve()
  }

  /** Its connection goes on with the session of another link. */
  handOver(): void {
    this.hasEnded = true
    this.realm.env.clearTimer(this.#timer)
    this.#ready.resolve()
    this.#closed.resolve(new ActorError('stopped', 'the connection carries another link'))
  }

  /** Its connection broke, or there is one again. */
  changed(outage: Outage | undefined): void {
    this.outage = outage
    if (outage) this.#heartbeat?.stop()
    else this.#heartbeat?.start()
  }

  suspect(): void {
    this.#heartbeat?.suspect()
  }

  /** Tells the peer why, then ends. */
  close(reason: ActorError): void {
    if (this.hasEnded) return
    // There it would be counted as a payload of the link that goes on.
    if (!this.#handshake.isHandedOver)
      this.writer.control(Op.Close, [{ code: reason.code, text: reason.message, to: this.#handshake.peer?.nonce }])
    this.#end(reason)
  }

  readonly failed = (error: unknown): void => this.#end(asActorError(error, 'unreachable', 'the transport failed'))

  /** An incoming link keeps the process alive; one that was dialled does while it opens and while calls are pending. */
  protected hold(): void {
    const isHeld = !this.hasEnded && (this.options.incoming || !this.open || this.pending > 0)
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    this.transport.hold?.(isHeld)
  }

  #receive(data: unknown): void {
    if (this.hasEnded) return
    const { realm } = this
    const isPaced = this.intake !== undefined && this.open
    if (!isPaced) realm.queue?.pump()
    realm.time = realm.env.now()
    this.heard(realm.time)
    if (isPaced) return this.intake!.take(data)
    const source = this.begin(data, realm.time)
    while (source?.more() && !this.hasEnded && this.read(source));
  }

  begin(data: unknown, at: number): Source | undefined {
    this.arrived = at
    this.#received++
    try {
      if (data === UNREADABLE && this.open) {
        this.writer.control(Op.Lost, [this.#received])
        return undefined
      }
      if (!this.open && !this.#isEarlier && ++this.#early > EARLY)
        throw new ActorError('protocol', 'the peer sent too many frames before the handshake was done')
      return this.transport.codec.source(data, this.#limit)
    } catch (error) {
      return this.#unread(error)
    }
  }

  read(source: Source): boolean | undefined {
    const { decoder } = this
    try {
      decoder.begin(source)
      const head = decoder.number()
      if (this.#isEarlier && head !== Op.Hello && head !== Op.Close) return false
      const op = head & OP
      if (op === Op.Close) this.#end(readReason(decoder.value(), this.#handshake.nonce))
      else if (op === Op.Hello) this.#handshake.receiveHello(decoder.value())
      else if (op === Op.Welcome) {
        this.#received = 0
        this.#handshake.receiveWelcome(decoder.value())
      } else if (this.open) this.handle(op, head)
      else throw new ActorError('protocol', 'the peer sent a message before the handshake was done')
      return true
    } catch (error) {
      return this.#unread(error)
    }
  }

  heard(now: number): void {
    this.#heartbeat?.heard(now)
  }

  pong(): void {
    if (this.open) this.writer.control(Op.Pong, [undefined])
  }

  #unread(error: unknown): undefined {
    this.close(asActorError(error, 'malformed', 'a frame could not be read'))
  }

  /** So many payloads were sent before the one that says it: the last of them may have been lost. */
  protected expect(sent: number): void {
    if (this.#received > sent) return
    this.#received = sent + 1
    this.writer.control(Op.Lost, [sent])
  }

  /** Bytes of the largest payload that is read. A stranger is read little of before it is let in. */
  get #limit(): number {
    if (!this.open && this.options.incoming && !this.trusted) return HELLO_BYTES
    // Platforms that clone set no limit of their own.
    return this.transport.traits.payload === 'bytes' ? this.limits.frame : Infinity
  }

  /** A port of a trusted peer may have had a link before: until the hello is answered, what comes may be of that one. */
  get #isEarlier(): boolean {
    return this.trusted && !this.#handshake.isAnswered
  }

  #end(cause: ActorError | undefined): void {
    if (this.hasEnded || !cause) return
    const reason = this.parting ?? cause
    this.hasEnded = true
    this.open = false
    this.realm.env.clearTimer(this.#timer)
    this.#heartbeat?.stop()
    this.intake?.end()
    this.transport.close()
    this.#ready.reject(reason)
    this.#closed.resolve(reason)
    this.ended(reason)
    this.hold()
  }
}
