import { ByteSink } from '../../wire/byte-sink.js'
import type { AnyTag, Sink } from '../../wire/codec.js'
import type { Encoder } from '../../wire/encode.js'
import * as Tag from '../../wire/tag.js'
import type { Dice } from '../random/dice.js'
import { deep, doubling, NUMBERS, STRAYS, TEXTS, vast } from './oddities.js'

/** The numbers of classes of errors and of views, and some that are none. */
const CLASSES = 14
const VIEW_SIZES = [1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 1, 2]
const HIGHEST_TAG = 31

const { Actor, Function, Stream, Yours, Method, Signal, Readable, Writable } = Tag
const REFERENCES: readonly AnyTag[] = [Actor, Function, Stream, Yours, Method, Signal, Readable, Writable]

type Write = (depth: number) => void

/**
 * Writes values by the grammar of the wire, drawn with dice. In the part `slips` of all places it breaks a rule: a wrong
 * number, a count that lies, a tag that stands where it may not, a field too many or too few.
 */
export class ValueWriter {
  readonly #dice: Dice
  readonly #slips: number
  #sink!: Sink
  /** Containers that the frame has so far. */
  #containers = 0
  readonly #structures: readonly Write[]

  constructor(dice: Dice, slips: number) {
    this.#dice = dice
    this.#slips = slips
    this.#structures = [
      () => this.#sink.tag(Tag.Null),
      (depth) => this.#array(depth),
      (depth) => this.#array(depth),
      (depth) => this.#object(depth),
      (depth) => this.#object(depth),
      (depth) => this.#pairs(Tag.Map, depth),
      (depth) => this.#set(depth),
      () => this.#date(),
      () => this.#memory(),
      () => this.#view(),
      (depth) => this.#error(depth),
      () => this.#same(),
      () => this.#boxed(),
      () => this.#platform(),
      (depth) => this.reference(depth),
      (depth) => this.reference(depth),
    ]
  }

  /** A frame begins. */
  begin(sink: Sink): void {
    this.#sink = sink
    this.#containers = 0
  }

  /** Whether a rule is to be broken here. */
  slip(): boolean {
    return this.#slips > 0 && this.#dice.chance(this.#slips)
  }

  value(depth = 3): void {
    if (this.slip()) return this.#wrong(depth)
    if (depth === 0 || this.#dice.chance(0.4)) return this.#primitive()
    this.#dice.one(this.#structures)(depth - 1)
  }

  /** A count, an index or a length. */
  number(right: number): void {
    if (!this.slip()) this.#sink.number(right)
    else if (this.#dice.chance(0.2)) this.#wrong(1)
    else this.#sink.number(this.#dice.chance(0.5) ? right + this.#dice.below(5) - 2 : this.#dice.one(NUMBERS))
  }

  text(right = this.#dice.one(TEXTS)): void {
    if (!this.slip()) this.#sink.string(right)
    else if (this.#dice.chance(0.3)) this.#wrong(1)
    else this.#sink.string(this.#dice.chance(0.01) ? 'x'.repeat(70_000) : this.#dice.one(TEXTS))
  }

  /** A count, and so many values. */
  list(count: number, depth = 3): void {
    this.number(count)
    this.#times(count, () => this.value(depth))
  }

  /** An actor, a function, a stream, a signal, a method or what comes home. */
  reference(depth = 1): void {
    const dice = this.#dice
    const tag = dice.one(REFERENCES)
    this.#sink.tag(tag)
    if (tag === Tag.Method) {
      this.text('method')
      return this.slip() ? this.value(depth) : this.#actor(true)
    }
    if (tag === Tag.Signal) {
      const hasFired = dice.chance(0.3)
      this.#sink.primitive(hasFired)
      return hasFired ? this.value(Math.min(depth, 1)) : this.number(this.#index())
    }
    if (tag === Tag.Actor) this.#actor(false)
    // An honest side returns what it got: the first ones.
    else if (tag === Tag.Yours) this.number(dice.below(2))
    else this.number(this.#index())
  }

  /** Low ones recur, so that they meet others. */
  #index(): number {
    return this.#dice.below(this.#dice.chance(0.8) ? 4 : 5_000)
  }

  #actor(isTagged: boolean): void {
    const dice = this.#dice
    const index = this.#index()
    if (isTagged) this.#sink.tag(Tag.Actor)
    this.number(index)
    this.text(`id ${index}`)
    this.text('Kind')
    for (const field of ['name', `/path ${index}`, 'realm'])
      if (dice.chance(0.8)) this.#sink.primitive(undefined)
      else this.text(field)
  }

  #primitive(): void {
    const dice = this.#dice
    const sink = this.#sink
    switch (dice.below(8)) {
      case 0:
        return sink.primitive(undefined)
      case 1:
        return sink.primitive(dice.chance(0.5))
      case 2:
        return sink.number(dice.one(NUMBERS))
      case 3:
        return sink.number(dice.random())
      case 4:
        return sink.primitive(BigInt(dice.below(2 ** 31)) ** BigInt(dice.below(5)) * (dice.chance(0.5) ? 1n : -1n))
      case 5:
        return sink.string(dice.one(TEXTS))
      default:
        return sink.number(dice.below(200))
    }
  }

  /** What no honest side writes. */
  #wrong(depth: number): void {
    const dice = this.#dice
    const sink = this.#sink
    switch (dice.below(9)) {
      case 0:
        return sink.tag(dice.below(HIGHEST_TAG + 1) as AnyTag)
      case 1:
        return
      case 2:
        return deep(sink, dice)
      case 3:
        return doubling(sink, this.#containers)
      case 4:
        return vast(sink, dice)
      case 5:
        sink.tag(Tag.Hole)
        return sink.number(dice.one(NUMBERS))
      case 6:
        sink.tag(Tag.Handled)
        this.text('handler')
        return this.value(Math.min(depth, 1))
      case 7:
        sink.tag(Tag.Object)
        sink.number(1)
        sink.string('then')
        return this.reference()
      default:
        return this.#primitive()
    }
  }

  #head(tag: AnyTag): void {
    this.#containers++
    this.#sink.tag(tag)
  }

  #times(count: number, write: () => void): void {
    const real = this.slip() ? this.#dice.below(count + 3) : count
    for (let n = 0; n < real; n++) write()
  }

  #array(depth: number): void {
    const count = this.#dice.below(5)
    this.#head(Tag.Array)
    const holes = count > 1 && this.#dice.chance(0.1) ? 1 + this.#dice.below(count - 1) : 0
    this.number(count)
    this.#times(count - holes, () => this.value(depth))
    if (holes === 0) return
    this.#sink.tag(Tag.Hole)
    this.number(holes)
  }

  #object(depth: number): void {
    const count = this.#dice.below(4)
    this.#head(Tag.Object)
    this.number(count)
    this.#times(count, () => this.#field(depth))
  }

  /** A value that may be called is not called `then` by an honest side. */
  #field(depth: number): void {
    const key = this.#dice.one(TEXTS)
    this.text(key)
    if (key === 'then') this.#primitive()
    else this.value(depth)
  }

  #pairs(tag: AnyTag, depth: number): void {
    const count = this.#dice.below(4)
    this.#head(tag)
    this.number(count)
    this.#times(count, () => {
      this.value(depth)
      this.value(depth)
    })
  }

  #set(depth: number): void {
    this.#head(Tag.Set)
    this.list(this.#dice.below(4), depth)
  }

  #date(): void {
    this.#head(Tag.Date)
    if (this.slip()) this.#wrong(1)
    else this.#sink.number(this.#dice.chance(0.1) ? Number.NaN : this.#dice.below(2 ** 40))
  }

  #bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#dice.below(6) * 8).fill(this.#dice.below(256))
  }

  #memory(): void {
    const bytes = this.#bytes()
    this.#containers++
    if (this.#sink.clones || !(this.#sink instanceof ByteSink)) return this.#clone(bytes.buffer)
    this.#sink.tag(Tag.Buffer)
    if (!this.slip()) this.#sink.raw(bytes)
  }

  #view(): void {
    const dice = this.#dice
    if (this.#sink.clones) return this.#memory()
    const kind = dice.below(VIEW_SIZES.length - 1)
    const offset = dice.below(2) * 8
    this.#head(Tag.View)
    this.number(kind)
    this.number(0)
    this.number(offset / VIEW_SIZES[kind]!)
    if (this.slip()) return this.value(1)
    this.#containers++
    this.#sink.tag(Tag.Buffer)
    ;(this.#sink as ByteSink).raw(new Uint8Array(16).fill(dice.below(256)))
  }

  #error(depth: number): void {
    const dice = this.#dice
    this.#head(Tag.Error)
    this.number(dice.below(this.#slips > 0 ? CLASSES : 10))
    this.text('RangeError')
    this.text('a message')
    const count = dice.below(3)
    this.number(count)
    this.#times(count, () => {
      this.text(dice.one(['cause', 'errors', 'extra', '__proto__']))
      this.value(depth)
    })
  }

  #same(): void {
    if (this.#containers === 0 && !this.slip()) return this.#primitive()
    this.#sink.tag(Tag.Same)
    this.number(this.#dice.below(Math.max(1, this.#containers)))
  }

  #boxed(): void {
    this.#head(Tag.Boxed)
    if (this.slip()) return this.value(1)
    if (this.#dice.chance(0.5)) this.#sink.number(this.#dice.below(100))
    else this.#sink.string(this.#dice.one(TEXTS))
  }

  #platform(): void {
    if (!this.#sink.clones) return this.#memory()
    this.#containers++
    this.#clone(this.#dice.one<() => object>([() => /a+/u, () => new Uint16Array(4), () => this.#bytes()])())
  }

  #clone(value: object): void {
    const sent = this.slip() ? this.#dice.one(STRAYS)() : value
    this.#sink.platform(sent, undefined as unknown as Encoder)
  }
}
