import { Op, OP, Part } from '../../link/session/op.js'
import type { Sink } from '../../wire/codec.js'
import type { Dice } from '../random/dice.js'
import { targetMethods } from './target.js'
import type { ValueWriter } from './value-writer.js'

const VERBS = ['spawn', 'lookup', 'names', 'members', 'run', 'about', 'end', 'watch', 'ping', 'stop', 'kill', 'info']
VERBS.push('suspend', 'resume', 'fence', 'drain', 'route', 'flow', 'none', 'constructor')
const OTHERS = ['then', 'constructor', '__proto__', 'toString', 'onStop', 'context', '', 'next', 'return', 'throw']
OTHERS.push('write', 'close', 'abort')
const PARTS = [Part.Remaining, Part.Sender, Part.Extensions, Part.Chain, Part.Follows]
/** Those of messages come more often: the others end the link sooner. */
const OPS = [
  Op.Call,
  Op.Call,
  Op.Call,
  Op.Call,
  Op.Tell,
  Op.Tell,
  Op.Property,
  Op.Request,
  Op.Request,
  Op.Abort,
  Op.Ping,
]
OPS.push(Op.Pong, Op.Load, Op.Down, Op.Release, Op.Sent, Op.Credit)
/** Those that end a link unless they are right. */
const RISKY = [Op.Hello, Op.Welcome, Op.Close, Op.Result, Op.Fail, Op.Lost, Op.Names, Op.Introduce]

/** Writes frames of a link at random, by the grammar as far as the writer of values keeps it. */
export class FrameWriter {
  readonly #dice: Dice
  readonly #values: ValueWriter
  /** What the other side said of itself, as far as it did. */
  nonce = ''
  #sink!: Sink

  constructor(dice: Dice, values: ValueWriter) {
    this.#dice = dice
    this.#values = values
  }

  /** Writes a frame of a link that is open, or before that `early`. */
  write(sink: Sink, early = false): void {
    const dice = this.#dice
    this.#sink = sink
    this.#values.begin(sink)
    if (early) return dice.chance(0.5) ? this.#hello() : this.#frame(dice.one([...OPS, ...RISKY]))
    this.#frame(this.#values.slip() ? dice.below(OP + 1) : dice.one(dice.chance(0.03) ? RISKY : OPS))
  }

  /** Answers a call of the other side, mostly as may be done. */
  reply(sink: Sink, slot: number): void {
    this.#sink = sink
    this.#values.begin(sink)
    this.#values.number(this.#dice.chance(0.7) ? Op.Result : Op.Fail)
    this.#values.number(slot)
    // Steps of streams are answered as they have to be.
    if (this.#dice.chance(0.5)) this.#values.value()
    else this.#record({ done: () => this.#sink.primitive(this.#dice.chance(0.5)), value: () => this.#values.value(1) })
  }

  #frame(op: number): void {
    switch (op) {
      case Op.Hello:
        return this.#hello()
      case Op.Welcome:
        this.#values.number(op)
        return this.#record({ actors: () => this.#texts(), received: () => this.#values.number(0) })
      case Op.Close:
        this.#values.number(op)
        return this.#record({
          code: () => this.#values.text('stopped'),
          text: () => this.#values.text(),
          to: () => this.#values.text(this.nonce),
        })
      case Op.Call:
      case Op.Property:
      case Op.Request:
      case Op.Tell:
        return this.#message(op)
      case Op.Result:
      case Op.Fail:
      case Op.Abort:
      case Op.Down:
        this.#values.number(op)
        this.#values.number(this.#slot())
        return this.#values.value()
      case Op.Release:
        this.#values.number(op)
        this.#values.number(this.#dice.below(5))
        return this.#values.number(1)
      case Op.Credit:
        this.#values.number(op)
        this.#values.number(this.#dice.below(3))
        return this.#values.number(this.#dice.below(100))
      case Op.Load:
      case Op.Lost:
      case Op.Sent:
        this.#values.number(op)
        return this.#values.number(this.#dice.below(100))
      case Op.Names:
        this.#values.number(op)
        return this.#record({ up: () => this.#values.value(), down: () => this.#values.value() })
      case Op.Introduce:
        this.#values.number(op)
        return this.#record({
          peer: () => this.#values.text(),
          realm: () => this.#values.text(),
          port: () => this.#values.value(),
        })
      default:
        this.#values.number(op)
        return this.#values.value(1)
    }
  }

  #slot(): number {
    return this.#dice.below(this.#dice.chance(0.99) ? 1_000 : 4_000)
  }

  #message(op: number): void {
    const dice = this.#dice
    const values = this.#values
    const parts = PARTS.filter(
      (part) => dice.chance(0.15) && (part !== Part.Follows || op === Op.Call || values.slip()),
    )
    const has = (part: number): boolean => parts.includes(part as never)
    values.number(op + parts.reduce<number>((sum, part) => sum + part, 0))
    if (op !== Op.Tell) values.number(this.#slot())
    if (has(Part.Remaining)) values.number(dice.below(10_000))
    values.number(op === Op.Request ? 0 : dice.below(dice.chance(0.9) ? 2 : 6))
    values.text(dice.one(op === Op.Request ? VERBS : dice.chance(0.8) ? targetMethods : OTHERS))
    if (has(Part.Sender)) values.reference()
    if (has(Part.Extensions)) this.#record({ trace: () => values.text() })
    if (has(Part.Chain)) this.#chain()
    if (op === Op.Request) return this.#arguments()
    const count = dice.below(op === Op.Property ? 2 : 4)
    values.number(count)
    for (let n = 0; n < count; n++)
      if (dice.chance(0.3)) values.reference()
      else values.value()
  }

  #arguments(): void {
    const dice = this.#dice
    const count = dice.below(3)
    this.#values.number(count)
    for (let n = 0; n < count; n++)
      if (dice.chance(0.3)) this.#values.text('Target')
      else if (dice.chance(0.4)) this.#values.number(dice.below(4))
      else this.#values.value()
  }

  #chain(): void {
    const count = this.#dice.below(3)
    this.#values.number(count)
    for (let n = 0; n < count; n++) {
      this.#values.text('realm')
      this.#values.text('id')
      this.#values.number(this.#dice.below(10))
      this.#values.text('/path')
    }
  }

  #hello(): void {
    const dice = this.#dice
    const limit = (): void => this.#values.number(dice.one([1, 20, 1_000, 2 ** 20]))
    const limits = { frame: limit, depth: limit, nodes: limit, calls: limit, references: limit, window: limit }
    this.#values.number(Op.Hello)
    this.#record({
      version: () => this.#values.number(1),
      id: () => this.#values.text('hostile'),
      nonce: () => this.#values.text('nonce'),
      limits: () => this.#record(limits),
      ...(dice.chance(0.7) && { answer: () => this.#values.text(this.nonce) }),
      ...(dice.chance(0.3) && { token: () => this.#values.text() }),
      ...(dice.chance(0.3) && { app: () => this.#values.text() }),
      ...(dice.chance(0.5) && { features: () => this.#texts() }),
      ...(dice.chance(0.2) && { resume: () => this.#values.value() }),
    })
  }

  #texts(): void {
    const texts = ['Target', 'batches', 'pipelining', 'resume'].filter(() => this.#dice.chance(0.5))
    this.#list(texts.map((text) => () => this.#values.text(text)))
  }

  #list(items: readonly (() => void)[]): void {
    this.#sink.tag(1)
    this.#values.number(items.length)
    for (const item of items) item()
  }

  #record(fields: Record<string, () => void>): void {
    if (this.#values.slip()) return this.#values.value()
    const keys = Object.keys(fields).filter(() => !this.#values.slip())
    this.#sink.tag(2)
    this.#values.number(keys.length)
    for (const key of keys) {
      this.#sink.string(key)
      fields[key]!()
    }
  }
}
