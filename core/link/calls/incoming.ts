import type { Chain, Waiting } from '../../message/chain.js'
import { ActorError } from '../../ground/errors.js'
import type { Limits } from '../../ground/limits.js'
import type { Caller, Extensions, Message } from '../../message/message.js'
import type { Home } from '../../message/ref.js'
import type { Decoder } from '../../wire/decode.js'
import type { Owner } from '../../message/owner.js'
import { Inbound, InboundProperty, type Replier } from './inbound.js'
import { invoke, settle } from './invocation.js'
import { OP, Op, Part } from '../session/op.js'
import type { References } from '../references/references.js'
import type { Writer } from '../session/writer.js'

/** Calls for what earlier ones will bring, where the code for them was brought. */
export interface Following {
  /** Where the actor is that a value was just sent as. */
  placeOf(value: unknown): number | undefined
  /** `before` is what is in the slot of the earlier call: itself, or the place of what it brought. */
  follow(slot: number, before: Message | number | undefined, message: Message): void
  /** The call in that slot has its reply, or will have none that counts. */
  answered(slot: number, place: number | undefined): void
}

/** What incoming messages need of their realm. */
export interface IncomingHome extends Home {
  readonly followers:
    | ((references: References, deliver: (index: number, message: Message) => void) => Following)
    | undefined
}

/** The messages that a peer sent, until each call has had its one reply. */
export class Incoming implements Replier {
  size = 0
  /** Calls that the peer has in flight, by its own word; 0 if they are few. */
  load = 0
  readonly #home: IncomingHome
  readonly #writer: Writer
  readonly #references: References
  /**
   * By the peer's slots, which stay below the number of calls that it was allowed. One that brought an actor leaves
   * its place here until the peer, which has the reply by then, takes the slot again.
   */
  readonly #calls: (Message | number | undefined)[] = []
  readonly #followers: Following | undefined
  readonly #most: number
  /** Deadline of calls that state none. */
  readonly #patience: number
  readonly #caller: () => Caller
  #over = false

  constructor(home: IncomingHome, writer: Writer, references: References, limits: Limits, caller: () => Caller) {
    this.#home = home
    this.#writer = writer
    this.#references = references
    this.#most = limits.calls
    this.#patience = limits.deadline
    this.#caller = caller
    this.#followers = home.followers?.(references, (index, message) => this.#deliver(index, message))
  }

  get caller(): Caller {
    return this.#caller()
  }

  report(error: unknown, about: string): void {
    this.#home.report(error, about)
  }

  lost(reason: unknown, about: string): void {
    this.#home.lost(reason, about)
  }

  /** A call (or, with slot -1, a one-way message) for one of the references that the peer holds. */
  call(slot: number, parts: number, decoder: Decoder): void {
    const index = decoder.number()
    const message = this.#read(slot, parts, decoder)
    if (decoder.fault) return message.fail(decoder.fault)
    if (parts & Part.Follows) this.#follow(index, message)
    else this.#deliver(index, message)
    if (message.deadline !== Infinity && !message.settled && !message.list)
      this.#home.deadlines.add(message, this.#home.time)
  }

  /** A system request, answered by `answer`. */
  request(
    slot: number,
    parts: number,
    decoder: Decoder,
    answer: (verb: string, args: readonly unknown[]) => unknown,
  ): void {
    decoder.number()
    const message = this.#read(slot, parts, decoder)
    if (decoder.fault) return message.fail(decoder.fault)
    message.started = true
    settle(message, () => answer(message.method, message.args))
  }

  abort(slot: number): void {
    const call = this.#calls[slot]
    if (typeof call === 'object') call.cancel(new ActorError('aborted', 'the caller gave up'))
  }

  reply(slot: number, value: unknown): void {
    this.#reply(slot, Op.Result, value)
  }

  replyError(slot: number, error: unknown): void {
    this.#reply(slot, Op.Fail, error)
  }

  abandoned(slot: number): void {
    this.#followers?.answered(slot, undefined)
  }

  /** The link ended: what has not started never will, what runs is told. */
  cancel(): void {
    this.#over = true
    for (const call of this.#calls) {
      if (typeof call === 'object') call.cancel(new ActorError('aborted', 'the link of the caller ended'))
    }
    this.#calls.length = this.size = 0
  }

  #read(slot: number, parts: number, decoder: Decoder): Inbound {
    if (slot >= this.#most) throw new ActorError('protocol', `the peer has more than ${this.#most} calls in flight`)
    const method = decoder.name()
    const deadline = this.#home.time + (parts & Part.Remaining ? decoder.number() : this.#patience)
    const sender = parts & Part.Sender ? this.#references.senderOf(decoder.value()) : undefined
    const extensions = parts & Part.Extensions ? readExtensions(decoder.value()) : undefined
    const chain = parts & Part.Chain ? readChain(decoder) : undefined
    const args = decoder.list()
    const Kind = (parts & OP) === Op.Property ? propertyOf(args) : Inbound
    const message = new Kind(this, slot, method, args, sender, deadline, extensions)
    if (chain) message.ties.chain = chain
    if (slot < 0) return message
    if (typeof this.#calls[slot] === 'object') throw new ActorError('protocol', 'the peer used a call id twice')
    this.#calls[slot] = message
    this.size++
    return message
  }

  #reply(slot: number, op: number, value: unknown): void {
    if (this.#over) return
    if (this.#writer.busy) return this.#writer.defer(() => this.#reply(slot, op, value))
    const waiting = Math.max(this.size, this.load)
    const call = this.#calls[slot]
    const owner = typeof call === 'object' ? (call.receiver as Owner | undefined) : undefined
    this.#calls[slot] = undefined
    this.size--
    const failure = this.#write(slot, op, value, waiting, owner)
    if (failure) {
      const refusal = new ActorError(failure.code, `the outcome cannot be sent: ${failure.message}`, { ran: 'maybe' })
      this.#write(slot, Op.Fail, refusal, waiting)
    } else if (op === Op.Result) this.#calls[slot] = this.#followers?.placeOf(value)
    this.#followers?.answered(slot, this.#calls[slot] as number | undefined)
  }

  /** A call for what an earlier one brings: it waits for that one's reply. */
  #follow(earlier: number, message: Message): void {
    if (!this.#followers || !message.expectsReply) throw new ActorError('protocol', 'a message follows no call')
    this.#followers.follow(earlier, this.#calls[earlier], message)
  }

  #deliver(index: number, message: Message): void {
    const { exports } = this.#references
    const exported = exports.at(index)
    if (!exported) {
      return message.fail(
        new ActorError('not-found', 'the reference was not handed out over this link, or was released'),
      )
    }
    if (exported.kind === 'actor') (exported.gate ?? exported.target).deliver(message)
    else invoke(exports, index, exported, message)
  }

  #write(slot: number, op: number, value: unknown, waiting: number, owner?: Owner): ActorError | undefined {
    const writer = this.#writer
    const start = writer.begin(waiting, owner)
    try {
      writer.sink.number(op)
      writer.sink.number(slot)
      writer.encoder.value(value)
      writer.outbox.reply(start, waiting)
      return undefined
    } catch (error) {
      return writer.undo(start, error)
    } finally {
      writer.end()
    }
  }
}

function propertyOf(args: readonly unknown[]): typeof Inbound {
  if (args.length > 1) throw new ActorError('malformed', 'the peer gave a property more than one value')
  return InboundProperty
}

function readChain(decoder: Decoder): Chain {
  const chain: Waiting[] = []
  for (let left = decoder.number(); left > 0; left--) {
    chain.push({ realm: decoder.name(), id: decoder.name(), serial: decoder.number(), path: decoder.string() })
  }
  return chain
}

function readExtensions(value: unknown): Extensions {
  if (typeof value !== 'object' || value === null) throw new ActorError('malformed', 'the extensions are no record')
  return value as Extensions
}
