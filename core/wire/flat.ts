import { ActorError } from '../ground/errors.js'
import { type AnyTag, type Codec, type Mark, type Payload, type Sink, type Source, STRUCTURE } from './codec.js'
import { type Cut, keep } from './cut.js'
import * as Tag from './tag.js'

/**
 * The codec for transports that clone values: frames as one flat array of primitives, in which null announces a tag.
 * Only values of the platform's own types are objects in it.
 */
export const flat: Codec = { sink: () => new FlatSink(), source: (data, limit) => new FlatSource(data, limit) }

class FlatSink implements Sink {
  readonly clones = true
  urgent = false
  #tokens: unknown[] = []
  #transfer: object[] = []

  get size(): number {
    return this.#tokens.length * 8
  }

  number(value: number): void {
    this.#tokens.push(value)
  }
  string(value: string): void {
    this.#tokens.push(value)
  }
  primitive(value: undefined | boolean | bigint): void {
    this.#tokens.push(value)
  }
  tag(tag: AnyTag): void {
    this.#tokens.push(null, tag)
  }
  platform(value: object): void {
    this.#tokens.push(null, Tag.Platform, value)
    this.urgent = true
  }
  transfer(value: object): void {
    this.#transfer.push(value)
    this.urgent = true
  }

  mark(): Mark {
    return this.#tokens.length
  }
  // A frame with platform values is posted alone, so what is moved and urgent belongs to the last frame.
  rollback(mark: Mark): void {
    this.#tokens.length = mark
    this.#transfer = []
    this.urgent = false
  }
  forget(mark: Mark): void {
    this.#tokens.length = mark
  }
  insert(mark: Mark, value: number): void {
    this.#tokens.splice(mark, 0, value)
  }
  cut(mark: Mark): Cut {
    const cut = { values: this.#tokens.slice(mark), transfer: this.#transfer, urgent: this.urgent }
    this.rollback(mark)
    return keep(cut)
  }
  append({ values, transfer, urgent }: Cut): void {
    for (const value of values) this.#tokens.push(value)
    if (!urgent) return
    this.#transfer = transfer
    this.urgent = true
  }
  take(end?: Mark): Payload {
    if (end !== undefined) return { data: this.#tokens.splice(0, end), transfer: [] }
    const payload = { data: this.#tokens, transfer: this.#transfer }
    this.#tokens = []
    if (this.urgent) this.rollback(0)
    return payload
  }
}

class FlatSource implements Source {
  tag: AnyTag = 0
  readonly #tokens: readonly unknown[]
  #next = 0

  constructor(data: unknown, limit: number) {
    if (!Array.isArray(data)) throw new ActorError('malformed', 'a frame is not an array')
    if (limit !== Infinity) checkSize(data, limit)
    this.#tokens = data
  }

  /** About as many bytes. */
  get at(): number {
    return this.#next * 8
  }

  more(): boolean {
    return this.#next < this.#tokens.length
  }

  read(): unknown {
    if (this.#next >= this.#tokens.length) throw new ActorError('malformed', 'a frame ends early')
    const token = this.#tokens[this.#next++]
    if (token === null) {
      this.tag = this.#tokens[this.#next++] as AnyTag
      return STRUCTURE
    }
    if (typeof token === 'object') throw new ActorError('malformed', 'a frame has an object in a wrong place')
    return token
  }

  platform(): unknown {
    const value = this.#tokens[this.#next++]
    if (typeof value !== 'object' || value === null) throw new ActorError('malformed', 'a frame lacks a platform value')
    return value
  }
}

/** About what it would be in bytes; what cannot be measured is not read where there is a limit. */
function checkSize(tokens: readonly unknown[], limit: number): void {
  let room = limit - tokens.length * 8
  for (const token of tokens.slice(0, limit)) {
    if (typeof token === 'string') room -= token.length
    else if (typeof token === 'bigint' || Object(token) === token) room = -1
  }
  if (room < 0) throw new ActorError('too-large', `a frame is over the limit of ${limit} bytes`)
}
