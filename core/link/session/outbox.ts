import { type Env, queueMicrotask } from '../../ground/env.js'
import { ActorError } from '../../ground/errors.js'
import type { Limits } from '../../ground/limits.js'
import type { Transport } from '../../transport/transport.js'
import type { Mark, Payload, Sink } from '../../wire/codec.js'
import type { Encoder } from '../../wire/encode.js'
import { ALLOWANCE } from '../../wire/weight.js'
import { Op } from './op.js'

/** Up to so many calls in flight, each frame leaves at once: batching them makes both sides sleep in turn. */
const FEW = 16
/** From so many frames on, a payload of them is written in the form for batches. */
const MANY = 64
/** One-way messages of one turn that leave at once. */
const BURST = 4
/** A batch of fewer than this part of the calls in flight is a crumb: its post would cost more than what it carries. */
const CRUMB = 16
/** Bytes that the hint at the end of a batch takes at most. */
const HINT = 8
/** Payloads that may arrive unreadable of which is known what is in them. */
const MOST_FRAGILE = 1_024
/** A batch leaves when it has this many bytes, so that the other side starts while we go on. */
const CHUNK = 64 * 1024

/** What an outbox needs of its link. */
export interface OutboxLink {
  readonly realm: { readonly env: Pick<Env, 'defer'> }
  readonly transport: Transport
  readonly limits: Limits
  readonly intake?: { sent(): void } | undefined
  /** What was promised to leave did not: the link cannot go on. */
  readonly failed: (error: unknown) => void
}

/**
 * Decides when frames leave.
 *
 * Few calls in flight: each at once, as a post of its own. Many: together, at the end of the turn, and
 * with them how many are in flight, since the peer cannot know: it sends replies in chunks of half
 * of that, so that both sides work at the same time. Crumbs wait until more has joined them, for one task
 * at most: once apart, they would go to and fro as posts of their own for ever. No timers.
 */
export class Outbox {
  /** Where the next frame is written. */
  sink: Sink
  /** Largest payload the peer takes. */
  limit: number
  /** Payloads since the welcome. */
  sent = 0
  /** What is in the latest payloads that may arrive unreadable: the slot of a call, or the complement of a reply's. */
  readonly fragile = new Map<number, number | undefined>()
  readonly #single: Sink
  #batch: Sink
  readonly failed: (error: unknown) => void
  readonly #link: OutboxLink
  #frames = 0
  #calls = 0
  #inFlight = 0
  #tells = 0
  /** One-way messages of the last turn; half as many as in the one before it, at least. */
  #lately = 0
  #scheduled = false
  #deferred = false
  /** What the frames of the payload weigh. */
  #weight = 0

  constructor(
    link: OutboxLink,
    readonly encoder: Encoder,
  ) {
    this.sink = this.#batch = this.#single = link.transport.codec.sink()
    this.limit = link.limits.frame
    this.failed = link.failed
    this.#link = link
  }

  /** The peer reads payloads in the form for batches. */
  useBatches(): void {
    this.#batch = this.#link.transport.codec.batch?.() ?? this.#single
  }

  /**
   * A frame begins; `near` are those that will leave about when it does. What waits is in one form: the form of the
   * next payload is chosen when that begins.
   */
  begin(near: number): Sink {
    if (this.sink.size === 0)
      this.sink = near > MANY || this.#tells >= BURST || this.#lately > BURST ? this.#batch : this.#single
    return this.sink
  }

  /** A frame begins with what was cut from `form`; what waits in another one leaves before. */
  resume(form: Sink): Sink {
    if (form !== this.sink) this.#post()
    return (this.sink = form)
  }

  /** Throws if the frame that was written since `start` is one that the peer would refuse. */
  check(start: Mark): void {
    const size = this.sink.size - start + HINT
    if (size > this.limit) throw tooLarge(size, this.limit)
    this.#weigh(start)
  }

  /** Throws if what was written since `start` takes more memory than the peer allows for its size. */
  #weigh(start: Mark): void {
    const { weight, limits } = this.encoder
    if (weight > ALLOWANCE && limits.nodes !== Infinity && weight > this.sink.size - start + ALLOWANCE)
      throw new ActorError(
        'too-large',
        'the value takes too much memory for its size: it has too many small containers',
      )
  }

  /** A call was written; `inFlight` counts it too. */
  call(start: Mark, inFlight: number, slot: number): void {
    this.#inFlight = inFlight
    this.#calls++
    this.commit(start, inFlight <= FEW, slot)
  }

  /** A reply was written; `waiting` are the peer's calls without one, as far as is known. */
  reply(start: Mark, waiting: number, slot: number): void {
    this.commit(start, this.#frames + 1 >= waiting >> 1, ~slot)
  }

  tell(start: Mark): void {
    this.commit(start, ++this.#tells <= BURST && this.#lately <= BURST)
    this.#schedule()
  }

  /** The turn is over. */
  readonly #turned = (): void => {
    this.#scheduled = false
    this.#lately = Math.max(this.#tells, this.#lately >> 1)
    this.#tells = 0
    const isCrumb = this.#calls > 0 && this.#frames < this.#inFlight / CRUMB
    if (!isCrumb) return this.#post()
    if (this.#deferred) return
    this.#deferred = true
    this.#link.realm.env.defer(() => {
      this.#deferred = false
      this.#post()
    })
  }

  /** A frame was written; it leaves `now`, or with others. Throws if this one frame cannot be sent: it alone is taken back. */
  commit(start: Mark, now: boolean, subject?: number): void {
    const { sink } = this
    this.#weigh(start)
    this.#weight += this.encoder.weight
    if (start > 0 && (sink.urgent || sink.size > this.limit || this.#weight > ALLOWANCE / 2)) this.#post(start)
    if (sink.size > this.limit) {
      const { size } = sink
      sink.rollback(0)
      throw tooLarge(size, this.limit)
    }
    this.#frames++
    if (sink.urgent) this.#sendFragile(subject)
    else if (now || sink.size >= CHUNK) this.#post()
    else this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(this.#turned)
  }

  // What fails here has been promised to leave already: the link cannot go on.
  #post(end?: Mark): void {
    if (this.sink.size === 0) return
    if (this.#calls > 1 && end === undefined && this.sink.size + HINT <= this.limit) {
      this.sink.number(Op.Load)
      this.sink.number(this.#inFlight)
    }
    try {
      this.#send(this.sink.take(end))
    } catch (error) {
      this.failed(error)
    }
  }

  /** A frame with values of the platform, which the other realm may be unable to read. */
  #sendFragile(subject: number | undefined): void {
    const { fragile, sink } = this
    this.#send(sink.take())
    fragile.set(this.sent, subject)
    if (fragile.size > MOST_FRAGILE) fragile.delete(fragile.keys().next().value!)
    if (this.#link.transport.traits.topology === 'pair') return
    sink.number(Op.Sent)
    sink.number(this.sent)
    this.#send(sink.take())
  }

  #send({ data, transfer }: Payload): void {
    this.#frames = this.#calls = this.#weight = 0
    this.sent++
    this.#link.transport.send(data, transfer)
    this.#link.intake?.sent()
  }
}

const tooLarge = (size: number, limit: number): ActorError =>
  new ActorError('too-large', `a message of ${size} bytes is over the peer's limit 'frame' of ${limit}`)
