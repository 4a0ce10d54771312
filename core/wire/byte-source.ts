import { ActorError } from '../ground/errors.js'
import type { Decoder } from './decode.js'
import { readMemory } from './memory.js'
import { SHORT, TAG, UNDEFINED, FALSE, TRUE, FLOAT, INT, NEGATIVE, UTF8, UTF16, BIGINT, BYTES } from './byte.js'
import { type AnyTag, type Source, STRUCTURE } from './codec.js'

declare const TextDecoder: new (label: string, options: object) => { decode(bytes: Uint8Array): string }

let utf8: InstanceType<typeof TextDecoder> | undefined

/** UTF-16 units that become text at a time. */
const UNITS = 4_096

/** Short strings recur (methods, keys): a string that was read before is found again without making it. */
const seen: (string | undefined)[] = Array.from({ length: 1_024 })

/** Reads what a ByteSink wrote. */
export class ByteSource implements Source {
  tag: AnyTag = 0
  readonly #bytes: Uint8Array
  #made: DataView | undefined
  readonly #values: readonly unknown[]
  #at = 0

  constructor(data: Uint8Array, values: readonly unknown[], limit: number) {
    if (data.length > limit)
      throw new ActorError('too-large', `a frame of ${data.length} bytes is over the limit of ${limit}`)
    this.#bytes = data
    this.#values = values
  }

  // Few frames have what needs one.
  get #view(): DataView {
    const { buffer, byteOffset, byteLength } = this.#bytes
    return (this.#made ??= new DataView(buffer, byteOffset, byteLength))
  }

  get at(): number {
    return this.#at
  }

  more(): boolean {
    return this.#at < this.#bytes.length
  }

  read(): unknown {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw early()
    if (byte < SHORT) return byte
    if (byte < TAG) return this.#short(byte - SHORT)
    if (byte < UNDEFINED) {
      this.tag = (byte - TAG) as AnyTag
      return STRUCTURE
    }
    switch (byte) {
      case UNDEFINED:
        return undefined
      case FALSE:
        return false
      case TRUE:
        return true
      case INT:
        return this.#varint()
      case NEGATIVE:
        return -this.#varint() - 1
      case FLOAT:
        return this.#view.getFloat64(this.#skip(8), true)
      case UTF8:
        return this.#utf8()
      case UTF16:
        return this.#utf16()
      case BIGINT:
        return this.#bigint()
      default:
        throw new ActorError('malformed', 'a frame has an unknown type')
    }
  }

  memory(tag: AnyTag, decoder: Decoder): object | undefined {
    return readMemory(tag, this, decoder)
  }

  /** The bytes of a buffer. */
  raw(): Uint8Array {
    if (this.#bytes[this.#at++] !== BYTES) throw new ActorError('malformed', 'a frame lacks the bytes of a buffer')
    const length = this.#varint()
    const start = this.#skip(length)
    return this.#bytes.slice(start, start + length)
  }

  platform(): unknown {
    const index = this.read()
    const value = typeof index === 'number' ? this.#values[index] : undefined
    if (typeof value !== 'object' || value === null) throw new ActorError('malformed', 'a frame lacks a platform value')
    return value
  }

  /** Moves on by `count` bytes that must be there, and returns where they begin. */
  #skip(count: number): number {
    const start = this.#at
    if (start + count > this.#bytes.length) throw early()
    this.#at = start + count
    return start
  }

  #varint(): number {
    const bytes = this.#bytes
    let byte = bytes[this.#skip(1)]!
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    // Integers end within 32 bits, so four more bytes at the most.
    for (let shift = 7; shift < 35; shift += 7) {
      if (this.#at >= bytes.length) throw early()
      byte = bytes[this.#at++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new ActorError('malformed', 'a number in a frame is too long')
  }

  #short(length: number): string {
    const bytes = this.#bytes
    const start = this.#skip(length)
    let hash = length
    for (let i = start; i < this.#at; i++) hash = (hash * 31 + bytes[i]!) | 0
    const known = seen[hash & 1_023]
    if (known !== undefined && known.length === length) {
      let i = 0
      while (i < length && known.charCodeAt(i) === bytes[start + i]) i++
      if (i === length) return known
    }
    const text = textOf(bytes.subarray(start, this.#at))
    if (!/^[\0-\x7f]*$/.test(text)) throw new ActorError('malformed', 'a short string is not ASCII')
    if (length <= 32) seen[hash & 1_023] = text
    return text
  }

  #utf8(): string {
    const length = this.#view.getUint32(this.#skip(4), true)
    const start = this.#skip(length)
    try {
      utf8 ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
      return utf8.decode(this.#bytes.subarray(start, this.#at))
    } catch (error) {
      throw new ActorError('malformed', 'a string is not UTF-8', { cause: error })
    }
  }

  #utf16(): string {
    const length = this.#varint()
    const start = this.#skip(length * 2)
    let text = ''
    for (let from = start; from < this.#at; from += 2 * UNITS) {
      const units: number[] = []
      for (let i = from; i < Math.min(from + 2 * UNITS, this.#at); i += 2) units.push(this.#view.getUint16(i, true))
      text += textOf(units)
    }
    return text
  }

  #bigint(): bigint {
    const digits = this.read()
    // Hexadecimal: the only base that is read in linear time.
    if (typeof digits !== 'string' || !/^-?[0-9a-f]+$/.test(digits))
      throw new ActorError('malformed', 'a big integer has no digits')
    return digits.startsWith('-') ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`)
  }
}

/** In one go: a string that grows by one character at a time takes a multiple of its memory. */
const textOf = (units: ArrayLike<number>): string => Reflect.apply(String.fromCharCode, undefined, units) as string

const early = (): ActorError => new ActorError('malformed', 'a frame ends early')
