import { SHORT, TAG, UNDEFINED, FALSE, TRUE, FLOAT, INT, NEGATIVE, UTF8, UTF16, BIGINT, BYTES } from './byte.js'
import type { AnyTag, Mark, Payload, Sink } from './codec.js'
import { type Cut, keep } from './cut.js'
import type { Encoder } from './encode.js'
import { writeMemory } from './memory.js'
import * as Tag from './tag.js'

declare const TextEncoder: new () => { encodeInto(text: string, into: Uint8Array): { read: number; written: number } }

const FIRST = 1_024
/** A larger buffer is given back after use. */
const KEEP = 1024 * 1024
let utf8: InstanceType<typeof TextEncoder> | undefined
const LONE_SURROGATE = /\p{Surrogate}/u

/** Writes bytes, and beside them, where `values` is given, what the platform clones. */
export class ByteSink implements Sink {
  urgent = false
  readonly clones: boolean
  #bytes = new Uint8Array(FIRST)
  #view = new DataView(this.#bytes.buffer)
  #at = 0
  #values: object[] | undefined
  #transfer: object[] = []

  constructor(values: object[] | undefined) {
    this.#values = values
    this.clones = values !== undefined
  }

  get size(): number {
    return this.#at
  }

  tag(tag: AnyTag): void {
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

  primitive(value: undefined | boolean | bigint): void {
    if (typeof value !== 'bigint') return this.#byte(value === undefined ? UNDEFINED : value ? TRUE : FALSE)
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

  platform(value: object, encoder: Encoder): void {
    if (!this.#values) return writeMemory(value, this, encoder)
    this.tag(Tag.Platform)
    this.number(this.#values.push(value) - 1)
    this.urgent = true
  }

  /** The bytes of a buffer, copied now. */
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
    if (!this.urgent) return
    this.urgent = false
    this.#transfer = []
    if (this.#values) this.#values = []
  }
  // The values that it wrote are posted, and no frame speaks of them.
  forget(mark: Mark): void {
    this.#at = mark
  }
  insert(mark: Mark, value: number): void {
    const rest = this.#bytes.slice(mark, this.#at)
    this.#at = mark
    this.number(value)
    this.#append(rest)
  }
  cut(mark: Mark): Cut {
    const { urgent } = this
    const values = [this.#bytes.slice(mark, this.#at), ...(urgent ? this.#values! : [])]
    const cut = { values, transfer: this.#transfer, urgent }
    this.rollback(mark)
    return keep(cut)
  }
  append({ values, transfer, urgent }: Cut): void {
    this.#append(values[0] as Uint8Array)
    if (!urgent) return
    this.#values = values.slice(1) as object[]
    this.#transfer = transfer
    this.urgent = true
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

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
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
    utf8 ??= new TextEncoder()
    const written = utf8.encodeInto(value, this.#bytes.subarray(this.#at + 4)).written
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
