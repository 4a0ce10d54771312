// The room link/calls: calls that leave over a link, and calls that come over it, until each has its one reply.
import type { Chain, Waiting } from '../../message/chain.js'
import { ActorError, withoutCode } from '../../ground/errors.js'
import { type Limits, QUEUE, windowOf } from '../../ground/limits.js'
import type { Caller, Extensions, Message } from '../../message/message.js'
import { accessOf } from '../../message/property.js'
import type { Home } from '../../message/ref.js'
import { answer } from '../../message/request.js'
import type { Decoder } from '../../wire/decode.js'
import type { Owner } from '../../message/owner.js'
import { PeerMessage, type Replier } from './peer-message.js'
import { invoke } from './invocation.js'
import { isLate } from './late.js'
import { OP, Op, Part } from '../session/op.js'
import type { References } from '../references/references.js'
import type { Writer } from '../session/writer.js'
import type { Traits } from '../../transport/transport.js'

/** The window of calls, as many that calls of ours may wait for, and as many that pass those that wait. */
const LANES = 3
/** The window of bytes, as much again for calls that calls of ours may wait for, and twice as much for those that pass. */
const BYTE_LANES = 4
/** The peer is told of this part of what it may send one way once that is handled. */
const CREDIT = 4

/** Calls for what earlier ones will bring, where the code for them was brought. */
export interface Pipelining {
  /** Where the actor is that a value was just sent as. */
  placeOf(value: unknown): number | undefined
  /** `before` is what is in the slot of the earlier call: itself, or the place of what it brought. */
  follow(slot: number, before: Message | number | undefined, message: Message): void
  /** The call in that slot has its reply, or will have none that counts. */
  answered(slot: number, place: number | undefined): void
}

/** What incoming messages need of their realm. */
export interface IncomingHome extends Home {
  readonly pipelining:
    | ((references: References, deliver: (index: number, message: Message) => void) => Pipelining)
    | undefined
}

/** What incoming messages need of their link. */
export interface IncomingLink {
  readonly realm: IncomingHome
  readonly limits: Limits
  readonly transport: { readonly traits: Traits }
  readonly references: References
  readonly writer: Writer
  readonly decoder: Decoder
  readonly caller: Caller
  readonly hasEnded: boolean
  /** When the payload came that is being read. */
  readonly arrived: number
  readonly trusted: boolean
  readonly outgoingCalls: {
    /** Whether a handler here waits for the peer, which was told so. */
    isAwaitedBy(handler: Waiting): boolean
  }
  /** Ends the link. */
  close(reason: ActorError): void
  /** Answers a request. */
  answer(request: Message): unknown
}

/** The messages that a peer sent, until each call has had its one reply. */
export class IncomingCalls implements Replier {
  size = 0
  /** Calls that the peer has in flight, by its own word; 0 if they are few. */
  load = 0
  /** Bytes of all messages of the peer that are not settled, and what they weigh. */
  #bytes = 0
  #weight = 0
  /** One-way messages among them. */
  #tells = 0
  /** One-way messages that are handled and of which the peer is not told, and their bytes. */
  #handled = 0
  #handledBytes = 0
  readonly #link: IncomingLink
  /**
   * By the peer's slots, which stay below the number of calls that it was allowed. One that brought an actor leaves
   * its place here until the peer, which has the reply by then, takes the slot again.
   */
  readonly #calls: (Message | number | undefined)[] = []
  /** By the peer's slots, what takes back what the last reply brought: an abort may have crossed it. */
  readonly #handedOver: ((() => void) | undefined)[] = []
  readonly #pipelining: Pipelining | undefined
  /** Most bytes that may be under way. */
  readonly #mostBytes: number

  constructor(link: IncomingLink) {
    const { realm, references, limits, transport } = link
    this.#link = link
    this.#mostBytes = transport.traits.payload === 'bytes' ? windowOf(limits) * BYTE_LANES : Infinity
    this.#pipelining = realm.pipelining?.(references, (index, message) => this.#deliver(index, message))
  }

  get caller(): Caller {
    return this.#link.caller
  }

  /** A message for one of the references that the peer holds, or a system request. One-way messages have slot -1. */
  take(slot: number, head: number): void {
    const { decoder, realm, arrived } = this.#link
    const remaining = head & Part.Remaining ? decoder.number() : undefined
    const index = decoder.number()
    const message = this.#read(slot, head, remaining)
    if (decoder.fault) return message.fail(decoder.fault)
    if (realm.time > arrived && isLate(message.deadline, arrived, realm.time)) return message.late()
    if (!this.#link.trusted && this.#weight > this.#mostBytes)
      return message.fail(new ActorError('overloaded', 'the messages of the peer that wait take too much memory'))
    if ((head & OP) === Op.Request) return answer(realm, message, this.#link.answer.bind(this.#link, message))
    // A payload of several calls ends with how many there are: until it is read, those that came count.
    if (slot >= 0) this.load = decoder.hasMore ? Math.max(this.load, this.size) : 0
    if (head & Part.Follows) this.#follow(index, message)
    else this.#deliver(index, message)
    if (message.deadline !== Infinity && !message.settled && !message.list) realm.deadlines.add(message, realm.time)
  }

  abort(slot: number, cause: unknown): void {
    const call = this.#calls[slot]
    if (typeof call === 'object') call.cancel(new ActorError('aborted', 'the caller gave up', { cause }))
    else this.#handedOver[slot]?.()
  }

  settled(message: PeerMessage, op: number, outcome: unknown): void {
    this.#bytes -= message.size
    this.#weight -= message.weight
    if (message.call >= 0) return this.#reply(message, op, outcome)
    this.#credit(message)
    if (op === Op.Result) return
    const { realm } = this.#link
    const about = `${message.method}() from a peer`
    if (message.started) realm.report(outcome, about)
    else realm.lost(outcome, about)
  }

  abandoned(slot: number): void {
    this.#pipelining?.answered(slot, undefined)
  }

  /** The link ended: what has not started never will, what runs is told. */
  cancel(): void {
    for (const call of this.#calls) {
      if (typeof call === 'object') call.cancel(new ActorError('aborted', 'the link of the caller ended'))
    }
    this.#calls.length = this.#handedOver.length = this.size = 0
  }

  /** The caller could not read what the call in that slot returned or threw. */
  unread(slot: number): void {
    const reason = new ActorError('uncloneable', "the caller's realm could not read the outcome", { ran: 'maybe' })
    this.#write(slot, Op.Fail, reason, 0)
  }

  #read(slot: number, head: number, remaining: number | undefined): PeerMessage {
    const { decoder, limits, references } = this.#link
    const most = limits.calls * LANES
    if (slot >= most || (slot < 0 && this.#tells >= most) || this.#bytes > this.#mostBytes)
      throw new ActorError('protocol', `the peer sends more than the limits 'calls' and 'window' allow`)
    const method = decoder.name()
    const deadline = this.#link.arrived + (remaining ?? limits.deadline)
    const sender = head & Part.Sender ? references.senderOf(decoder.value()) : undefined
    const extensions = head & Part.Extensions ? readExtensions(decoder.value()) : undefined
    const chain = head & Part.Chain ? this.#chain() : undefined
    const args = decoder.list()
    const access = (head & OP) === Op.Property ? accessOf(args) : undefined
    if (access && args.length > 1) throw new ActorError('malformed', 'the peer gave a property more than one value')
    const isTimed = remaining !== undefined
    const { size, weight } = decoder
    const message = new PeerMessage(
      this,
      slot,
      size,
      weight,
      method,
      args,
      sender,
      deadline,
      extensions,
      access,
      isTimed,
    )
    this.#bytes += size
    this.#weight += weight
    if (chain) message.node.chain = chain
    if (references.came) references.cameWith(message)
    if (slot < 0) {
      this.#tells++
      return message
    }
    if (typeof this.#calls[slot] === 'object') throw new ActorError('protocol', 'the peer used a call id twice')
    this.#calls[slot] = message
    this.size++
    return message
  }

  /** The peer may send as many one-way messages more as were handled. */
  #credit({ size }: PeerMessage): void {
    const { writer, limits, hasEnded } = this.#link
    this.#tells--
    this.#handledBytes += size
    if (++this.#handled < Math.min(limits.calls, QUEUE) / CREDIT && this.#handledBytes < windowOf(limits) / CREDIT)
      return
    if (!hasEnded) writer.control(Op.Credit, [this.#handled, this.#handledBytes], true)
    this.#handled = this.#handledBytes = 0
  }

  /** Who waits for a message. What a stranger says of handlers of this realm counts if it was told of them. */
  #chain(): Chain {
    const { decoder, trusted, realm, outgoingCalls } = this.#link
    const chain: Waiting[] = []
    for (let left = decoder.number(); left > 0; left--) {
      const each = { realm: decoder.name(), id: decoder.name(), serial: decoder.number(), path: decoder.string() }
      if (trusted || each.realm !== realm.id || outgoingCalls.isAwaitedBy(each)) chain.push(each)
    }
    return chain
  }

  #reply(message: PeerMessage, op: number, outcome: unknown): void {
    const { writer, hasEnded } = this.#link
    if (hasEnded) return
    if (writer.busy) return writer.defer(() => this.#reply(message, op, outcome))
    const { call: slot, receiver } = message
    const waiting = Math.max(this.size, this.load)
    this.#calls[slot] = undefined
    this.#handedOver[slot] = message.takeBack
    this.size--
    const failure = this.#write(slot, op, outcome, waiting, receiver as Owner | undefined)
    if (failure) {
      const text = `the outcome of ${message.method}() cannot be sent: ${withoutCode(failure)}`
      const refusal = new ActorError(failure.code, text, { ran: 'maybe', cause: failure.cause })
      // A caller would wait for ever.
      if (this.#write(slot, Op.Fail, refusal, waiting))
        this.#link.close(new ActorError('too-large', `the limit 'frame' of the peer allows no replies`))
    } else if (op === Op.Result) this.#calls[slot] = this.#pipelining?.placeOf(outcome)
    this.#pipelining?.answered(slot, this.#calls[slot] as number | undefined)
  }

  /** A call for what an earlier one brings: it waits for that one's reply. */
  #follow(earlier: number, message: Message): void {
    if (!this.#pipelining || !message.expectsReply)
      throw new ActorError('protocol', 'the peer sent a message that follows a call, which is not possible here')
    this.#pipelining.follow(earlier, this.#calls[earlier], message)
  }

  #deliver(index: number, message: Message): void {
    const { exports } = this.#link.references
    const exported = exports.at(index)
    if (!exported) {
      return message.fail(new ActorError('not-found', 'the reference was not sent over this link, or was released'))
    }
    if (exported.kind === 'actor') (exported.gate ?? exported.target).deliver(message)
    else invoke(this.#link.references, index, exported, message)
  }

  #write(slot: number, op: number, outcome: unknown, waiting: number, owner?: Owner): ActorError | undefined {
    const { writer } = this.#link
    let failure: ActorError | undefined
    const sink = writer.begin(waiting)
    const start = writer.open(sink, owner)
    try {
      sink.number(op)
      sink.number(slot)
      writer.encoder.value(outcome)
      writer.reply(start, waiting, slot)
    } catch (error) {
      failure = writer.undo(start, error)
    }
    writer.close()
    return failure
  }
}

function readExtensions(value: unknown): Extensions {
  if (typeof value !== 'object' || value === null) throw new ActorError('malformed', 'the extensions are not a record')
  return value as Extensions
}
