import { ActorError } from '../ground/errors.js'
import type { Limits } from '../ground/limits.js'
import { type AnyTag, type Source, STRUCTURE } from './codec.js'
import { isTextField, makeError } from './error-class.js'
import { handling, unknownHandler } from './handling.js'
import * as Tag from './tag.js'
import { Events, Instance, type Kind, kindOf } from './kind.js'
import { ALLOWANCE, WEIGHT } from './weight.js'

/** What the platform clones; it has no parts that would have to be bounded. */
const PLATFORM = new Set<Kind | undefined>([Tag.Platform, Tag.Buffer, Tag.View, Instance, Events])

/** A list of fewer values gets its length before they are read. */
const FEW = 8

/** Reads what travels by reference. */
export interface Importer {
  /** Throws `malformed` where the reference is not one that was handed out. */
  import(tag: AnyTag, decoder: Decoder): unknown
}

/** Reads the values of one frame. Counts depth and nodes as it goes and grows only by what is really there. */
export class Decoder {
  /** Why a value of the frame could not be made although the frame was read: it costs that message, not the link. */
  fault: ActorError | undefined
  readonly #importer: Importer
  readonly #limits: Limits
  #source!: Source
  #start = 0
  #depth = 0
  #nodes = 0
  /** What the containers of the frame weigh. */
  #extra = 0
  /** What the earlier frames of the payload weigh. */
  #weight = 0
  #seen: unknown[] = []

  constructor(importer: Importer, limits: Limits) {
    this.#importer = importer
    this.#limits = limits
  }

  begin(source: Source): void {
    this.#weight = source === this.#source ? this.#weight + this.weight : 0
    this.#source = source
    this.#start = source.at
    this.#depth = 0
    this.#nodes = this.#extra = 0
    this.fault = undefined
    if (this.#seen.length > 0) this.#seen = []
  }

  /** Bytes of the frame that were read. */
  get size(): number {
    return this.#source.at - this.#start
  }

  /** Whether the payload goes on. */
  get hasMore(): boolean {
    return this.#source.more()
  }

  /** What the frame takes of memory, in units of 16 bytes, beside its texts. */
  get weight(): number {
    return this.#nodes + this.#extra
  }

  value(): unknown {
    const read = this.#source.read()
    return read === STRUCTURE ? this.#structure(this.#source.tag) : read
  }

  /** A count, an index or an id: an integer from 0. */
  number(): number {
    const read = this.#source.read()
    if (!Number.isSafeInteger(read) || (read as number) < 0) throw malformed('a number is missing')
    return read as number
  }

  string(): string {
    const read = this.#source.read()
    if (typeof read !== 'string') throw malformed('a string is missing')
    return read
  }

  optionalString(): string | undefined {
    const read = this.#source.read()
    if (read !== undefined && typeof read !== 'string') throw malformed('a string is missing')
    return read
  }

  /** A name: bounded before anything is done with it. */
  name(): string {
    const name = this.string()
    if (name.length > this.#limits.name) throw malformed(`a name is longer than ${this.#limits.name}`)
    return name
  }

  list(): unknown[] {
    const count = this.number()
    // Most are short: one that grows takes room for many more.
    // oxlint-disable-next-line unicorn/no-new-array -- Array.from takes longer than to read the values.
    const values = new Array<unknown>(count < FEW ? count : 0)
    for (let i = 0; i < count; i++) {
      this.#count()
      values[i] = this.value()
    }
    return values
  }

  #structure(tag: AnyTag): unknown {
    switch (tag) {
      case Tag.Null:
        return null
      case Tag.Same: {
        const same = this.#seen[this.number()]
        if (same === undefined) throw malformed('a back reference points nowhere')
        return same
      }
      case Tag.Actor:
      case Tag.Function:
      case Tag.Stream:
      case Tag.Yours:
      case Tag.Method:
      case Tag.Signal:
      case Tag.Readable:
      case Tag.Writable:
        return this.#importer.import(tag, this)
    }
    if (++this.#depth > this.#limits.depth)
      throw new ActorError('too-deep', `a value is nested deeper than ${this.#limits.depth}`)
    const value = this.#container(tag)
    this.#depth--
    return value
  }

  #container(tag: AnyTag): unknown {
    this.weigh(WEIGHT[tag])
    switch (tag) {
      case Tag.Array:
        return this.#array()
      case Tag.Object:
        return this.#fields(this.#remember({}))
      case Tag.Map: {
        const map = this.#remember(new Map<unknown, unknown>())
        this.#each(() => map.set(this.value(), this.value()))
        return map
      }
      case Tag.Set: {
        const set = this.#remember(new Set<unknown>())
        this.#each(() => set.add(this.value()))
        return set
      }
      case Tag.Date: {
        const time = this.#source.read()
        if (typeof time !== 'number') throw malformed('a date has no time')
        return this.#remember(new Date(time))
      }
      case Tag.Error:
        return this.#error()
      case Tag.Platform: {
        const value = this.#source.platform() as object
        if (PLATFORM.has(kindOf(value))) return this.#remember(value)
        // All else is written out, so that it is counted; nobody gets this.
        this.fault ??= malformed('a value of the platform arrived as something else')
        return this.#remember({})
      }
      default: {
        // Nothing in it may refer back to it.
        const place = this.#seen.push(undefined) - 1
        const value = tag === Tag.Boxed ? this.#boxed() : tag === Tag.Handled ? this.#handled() : this.#memory(tag)
        this.#seen[place] = value ?? {}
        return value
      }
    }
  }

  #array(): unknown[] {
    const array = this.#remember<unknown[]>([])
    const count = this.number()
    // One that is longer than any can be takes what is left of the frame, which then ends early.
    while (array.length < count) {
      this.#count()
      const read = this.#source.read()
      if (read !== STRUCTURE) array.push(read)
      else if (this.#source.tag === Tag.Hole) this.#holes(array, count)
      else array.push(this.#structure(this.#source.tag))
    }
    return array
  }

  #holes(array: unknown[], count: number): void {
    const end = array.length + this.number()
    if (end === array.length || end > count) throw malformed('an array has more holes than there is room')
    const none = end - array.length - 1
    this.#count(none)
    // They take no memory.
    this.#extra -= none
    // An element far behind the others makes the array a sparse one; a length alone would be allocated.
    array[end - 1] = undefined
    Reflect.deleteProperty(array, end - 1)
  }

  #fields<T extends object>(target: T, hidden?: (key: string, value: unknown) => boolean): T {
    for (let count = this.number(); count > 0; count--) {
      this.#count()
      const key = this.string()
      const value = this.value()
      if (key === 'then' && typeof value === 'function') throw malformed("a value has a callable 'then'")
      if (hidden || key === '__proto__') {
        Object.defineProperty(target, key, {
          value,
          configurable: true,
          writable: true,
          enumerable: !hidden?.(key, value),
        })
      } else (target as Record<string, unknown>)[key] = value
    }
    return target
  }

  #error(): Error {
    const error = makeError(this.number(), this.string(), this.string())
    if (!error) throw malformed('an error is of no known class')
    return this.#fields(this.#remember(error), (key, value) => {
      if (typeof value !== 'string' && isTextField(error, key)) throw malformed('a text of an error is no string')
      return key === 'cause' || key === 'errors' || key === 'stack'
    })
  }

  #boxed(): object {
    const primitive = this.value()
    if (typeof primitive === 'object' || primitive === undefined) throw malformed('a boxed value is no primitive')
    return Object(primitive) as object
  }

  /** What a handler made of a value is turned back by the handler of that name here. */
  #handled(): unknown {
    const name = this.name()
    this.#count()
    const written = this.value()
    try {
      if (!handling) throw unknownHandler(name)
      return handling.read(name, written)
    } catch (error) {
      this.fault ??= error as ActorError
      return undefined
    }
  }

  /** A buffer or a view, where they are written out. */
  #memory(tag: AnyTag): object {
    const value = this.#source.memory?.(tag, this)
    if (!value) throw malformed('a tag is unknown, or stands where it may not')
    return value
  }

  #each(read: () => unknown): void {
    for (let count = this.number(); count > 0; count--) {
      this.#count()
      read()
    }
  }

  #remember<T extends object>(value: T): T {
    this.#seen.push(value)
    return value
  }

  /** A container begins. Throws `too-large` for a payload that takes much more memory than it has bytes. */
  weigh(units = 0): void {
    this.#extra += units
    if (this.#weight + this.weight > this.#source.at + ALLOWANCE && this.#limits.nodes !== Infinity)
      throw new ActorError('too-large', 'a payload takes too much memory for its size')
  }

  #count(parts = 1): void {
    if ((this.#nodes += parts) > this.#limits.nodes)
      throw new ActorError('too-large', `a frame has more than ${this.#limits.nodes} values`)
  }
}

const malformed = (text: string): ActorError => new ActorError('malformed', text)
