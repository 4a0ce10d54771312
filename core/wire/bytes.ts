import { ActorError } from '../errors.js'
import { type Codec, type Mark, type Payload, type Sink, type Source, STRUCTURE } from './codec.js'
import { TAGS, type Tag } from './tag.js'

declare const TextEncoder: new () => { encodeInto(text: string, into: Uint8Array): { read: number; written: number } }
declare const TextDecoder: new (label: string, options: object) => { decode(bytes: Uint8Array): string }

// One byte says what follows: 00–7f the integer itself, 80–bf a string of that many ASCII characters,
// c0–df a tag, and the rest below.
const SHORT = 0x80
const TAG = 0xc0
const UNDEFINED = 0xe0
const FALSE = 0xe1
const TRUE = 0xe2
const FLOAT = 0xe3
const INT = 0xe4
const NEGATIVE = 0xe5
const UTF8 = 0xe6
const UTF16 = 0xe7
const BIGINT = 0xe8
const BYTES = 0xe9

const FIRST = 1_024
/** A larger buffer is given back after use. */
const KEEP = 1024 * 1024
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const LONE_SURROGATE = /\p{Surrogate}/u

/** For transports that carry bytes only. */
export const bytes: Codec = {
  sink: () => new ByteSink(undefined),
  source: (data, limit) => new ByteSource(toBytes(data), [], limit),
}

/** For transports that clone, where many small frames at once are cheaper as bytes than as objects. */
export const clonedBytes: Codec = {
  sink: () => new ByteSink([]),
  source: (data, limit) =>
    Array.isArray(data)
      ? new ByteSource(toBytes(data[0]), data.slice(1), limit)
      : new ByteSource(toBytes(data), [], limit),
}

function toBytes(data: unknown): Uint8Array {
  // A view of its own: Node's Buffer overrides slice() so that it does not copy.
  if (data instanceof Uint8Array) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  throw new ActorError('malformed', 'a frame is not binary')
}

class ByteSink implements Sink {
  urgent = false
  readonly platform: ((value: object) => void) | undefined
  #bytes = new Uint8Array(FIRST)
  #view = new DataView(this.#bytes.buffer)
  #at = 0
  #values: object[] | undefined
  #transfer: object[] = []

  constructor(values: object[] | undefined) {
    this.#values = values
    this.platform = values && ((value) => this.#platform(value))
  }

  get size(): number {
    return this.#at
  }

  undefined(): void {
    this.#byte(UNDEFINED)
  }
  boolean(value: boolean): void {
    this.#byte(value ? TRUE : FALSE)
  }
  tag(tag: Tag): void {
    this.#byte(TAG + tag)
  }

  number(value: number): void {
    this.#reserve(9)
    // The comparison by identity keeps -0 out: it has no integer form.
    if ((value | 0) === value && !Object.is(value, -0)) {
      if (value >= 0 && value < SHORT) this.#bytes[this.#at++] = value
      else {
        this.#bytes[this.#at++] = value < 0 ? NEGATIVE : INT
        this.#varint(value < 0 ? -(value + 1) : value)
      }
      return
    }
    this.#bytes[this.#at++] = FLOAT
    this.#view.setFloat64(this.#at, value, true)
    this.#at += 8
  }

  bigint(value: bigint): void {
    this.#byte(BIGINT)
    this.string(value.toString(16))
  }

  string(value: string): void {
    const { length } = value
    if (length < 64) {
      this.#reserve(length + 1)
      const start = this.#at
      this.#bytes[this.#at++] = SHORT + length
      for (let i = 0; i < length; i++) {
        const code = value.charCodeAt(i)
        if (code > 0x7f) {
          this.#at = start
          return this.#long(value)
        }
        this.#bytes[this.#at++] = code
      }
      return
    }
    this.#long(value)
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length + 6)
    this.#bytes[this.#at++] = BYTES
    this.#varint(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  transfer(value: object): void {
    if (!this.#values) return
    this.#transfer.push(value)
    this.urgent = true
  }

  mark(): Mark {
    return this.#at
  }
  // A frame with platform values is posted alone, so what is moved and urgent belongs to the last frame.
  rollback(mark: Mark): void {
    this.#at = mark
    this.urgent = false
    this.#transfer = []
    if (this.#values) this.#values = []
  }
  cut(mark: Mark): unknown {
    if (this.urgent) throw new ActorError('overloaded', 'values of the platform cannot wait for credit')
    const cut = this.#bytes.slice(mark, this.#at)
    this.#at = mark
    return cut
  }
  append(cut: unknown): void {
    const chunk = cut as Uint8Array
    this.#reserve(chunk.length)
    this.#bytes.set(chunk, this.#at)
    this.#at += chunk.length
  }
  take(end?: Mark): Payload {
    const frame = this.#bytes.slice(0, end ?? this.#at)
    if (end !== undefined) {
      this.#bytes.copyWithin(0, end, this.#at)
      this.#at -= end
      return { data: frame, transfer: [] }
    }
    const data = this.#values && this.#values.length > 0 ? [frame, ...this.#values] : frame
    const payload = { data, transfer: this.#transfer }
    this.rollback(0)
    if (this.#bytes.length > KEEP) this.#grow(new Uint8Array(FIRST))
    return payload
  }

  #platform(value: object): void {
    this.number(this.#values!.push(value) - 1)
    this.urgent = true
  }

  #byte(byte: number): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = byte
  }

  #varint(value: number): void {
    while (value > 0x7f) {
      this.#bytes[this.#at++] = (value & 0x7f) | 0x80
      value >>>= 7
    }
    this.#bytes[this.#at++] = value
  }

  #long(value: string): void {
    if (LONE_SURROGATE.test(value)) {
      this.#reserve(value.length * 2 + 6)
      this.#bytes[this.#at++] = UTF16
      this.#varint(value.length)
      for (let i = 0; i < value.length; i++, this.#at += 2) this.#view.setUint16(this.#at, value.charCodeAt(i), true)
      return
    }
    this.#reserve(value.length * 3 + 6)
    this.#bytes[this.#at++] = UTF8
    // The length is known only afterwards; a fixed four bytes cost less than a second pass.
    const written = encoder.encodeInto(value, this.#bytes.subarray(this.#at + 4)).written
    this.#view.setUint32(this.#at, written, true)
    this.#at += 4 + written
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + count))
    grown.set(this.#bytes.subarray(0, this.#at))
    this.#grow(grown)
  }

  #grow(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}

/** Short strings recur (methods, keys): a string that was read before is found again without making it. */
const seen: (string | undefined)[] = Array.from({ length: 1_024 })

class ByteSource implements Source {
  tag: Tag = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #values: readonly unknown[]
  #at = 0

  constructor(data: Uint8Array, values: readonly unknown[], limit: number) {
    if (data.length > limit)
      throw new ActorError('too-large', `a frame of ${data.length} bytes is over the limit of ${limit}`)
    this.#bytes = data
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    this.#values = values
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
      const tag = byte - TAG
      if (tag >= TAGS) throw new ActorError('malformed', 'a frame has an unknown tag')
      this.tag = tag as Tag
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
    throw new ActorError('malformed', 'a frame has an endless number')
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
    let text = ''
    for (let i = start; i < this.#at; i++) {
      const byte = bytes[i]!
      if (byte > 0x7f) throw new ActorError('malformed', 'a short string is not ASCII')
      text += String.fromCharCode(byte)
    }
    if (length <= 32) seen[hash & 1_023] = text
    return text
  }

  #utf8(): string {
    const length = this.#view.getUint32(this.#skip(4), true)
    const start = this.#skip(length)
    try {
      return decoder.decode(this.#bytes.subarray(start, this.#at))
    } catch (error) {
      throw new ActorError('malformed', 'a string is not UTF-8', { cause: error })
    }
  }

  #utf16(): string {
    const length = this.#varint()
    const start = this.#skip(length * 2)
    let text = ''
    for (let i = start; i < this.#at; i += 2) text += String.fromCharCode(this.#view.getUint16(i, true))
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

const early = (): ActorError => new ActorError('malformed', 'a frame ends early')
