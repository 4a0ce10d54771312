import { ActorError, type ErrorCode } from '../ground/errors.js'
import { HELLO_BYTES, type Limits } from '../ground/limits.js'
import type { Transport } from '../transport/transport.js'
import type { Codec } from '../wire/codec.js'
import type { LinkOptions } from './link-options.js'
import type { Link } from './link.js'
import type { Parts } from './parts.js'
import { OP, Op } from './session/op.js'

/** Hello, its answer, welcome, and one to spare for a hello sent twice. */
const EARLY = 4

/** What a link hears of what was read. */
interface Heard {
  /** The last of our calls was answered. */
  answered(): void
  /** The peer ended the link. */
  ended(reason: ActorError): void
}

/** Reads what comes over a link, and gives each frame to what handles it. */
export class FrameReader {
  readonly #link: Link
  readonly #codec: Codec
  readonly #limit: number
  readonly #earlyLimit: number
  readonly #options: LinkOptions
  readonly #to: Parts
  readonly #heard: Heard

  /** Frames before both sides have consented. */
  #early = 0

  constructor(link: Link, transport: Transport, limits: Limits, options: LinkOptions, to: Parts, heard: Heard) {
    this.#link = link
    this.#codec = transport.codec
    // Platforms that clone set no limit of their own. A stranger is read little of before it is let in.
    this.#limit = transport.traits.payload === 'bytes' ? limits.frame : Infinity
    this.#earlyLimit = options.incoming && !link.trusted ? HELLO_BYTES : this.#limit
    this.#options = options
    this.#to = to
    this.#heard = heard
  }

  /** Throws what ends the link. */
  read(data: unknown): void {
    const { decoder } = this.#to
    const { open } = this.#link
    if (!open && ++this.#early > EARLY) throw new ActorError('protocol', 'the peer talks before it is let in')
    const source = this.#codec.source(data, open ? this.#limit : this.#earlyLimit)
    while (source.more() && !this.#link.hasEnded) {
      decoder.begin(source)
      this.#frame(decoder.number())
    }
  }

  #frame(head: number): void {
    const op = head & OP
    const { decoder, handshake, incoming, frames, notices } = this.#to
    const link = this.#link
    const options = this.#options
    if (op === Op.Close) return this.#heard.ended(readReason(decoder.value()))
    if (op === Op.Hello) return handshake.receiveHello(decoder.value())
    if (op === Op.Welcome) return handshake.receiveWelcome(decoder.value())
    if (!link.open) throw new ActorError('protocol', 'the peer sent a message before it was welcome')
    switch (op) {
      case Op.Call:
      case Op.Property:
        incoming.load = 0
        return incoming.call(decoder.number(), head, decoder)
      case Op.Tell:
        return incoming.call(-1, head, decoder)
      case Op.Request:
        return incoming.request(decoder.number(), head, decoder, (verb, args) => options.desk(link, verb, args))
      case Op.Result:
      case Op.Fail:
        return this.#settled(op, decoder.number(), decoder.value())
      case Op.Abort:
        return incoming.abort(decoder.number())
      case Op.Load:
        incoming.load = decoder.number()
        return
      case Op.Names:
        if (!link.trusted) break
        return options.heard(link, decoder.value())
      case Op.Introduce:
        if (!link.trusted) break
        return options.introduced(link, decoder.value())
      case Op.Down:
        return notices.fire(decoder.number(), decoder.value())
      case Op.Release:
        return this.#givenBack(decoder.number(), decoder.number())
      case Op.Ping:
        decoder.value()
        return frames.value(Op.Pong, undefined)
      case Op.Pong:
        return void decoder.value()
    }
    throw new ActorError('protocol', `the peer sent an unknown frame ${head}`)
  }

  // Called when the frame is read whole: one that cannot be read leaves its call in the table, to end as unknown.
  #settled(op: number, slot: number, outcome: unknown): void {
    const { outgoing, decoder } = this.#to
    const message = outgoing.settle(slot)
    if (!message) throw new ActorError('protocol', 'the peer answered a call that was not made')
    if (decoder.fault) message.fail(decoder.fault.asRunning())
    else if (op === Op.Result) message.done(outcome)
    else message.fail(outcome)
    if (outgoing.size === 0) this.#heard.answered()
  }

  #givenBack(index: number, count: number): void {
    const { exports } = this.#to.references
    const entry = exports.at(index)
    exports.giveBack(index, count)
    if (entry?.kind === 'actor' && !exports.at(index)) this.#to.notices.forget(entry.target)
  }
}

function readReason(value: unknown): ActorError {
  const { code, text } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const known = (typeof code === 'string' ? code : 'protocol') as ErrorCode
  return new ActorError(known, `the peer closed the link: ${String(text).slice(0, 1_000)}`)
}
