import { ActorError } from '../ground/errors.js'
import { type Codec, type Mark, type Payload, type Sink, type Source, STRUCTURE } from './codec.js'
import { keep, type Kept } from './kept.js'
import type * as Tag from './tag.js'

/**
 * For transports that clone: frames as one flat array of primitives, in which null announces a tag.
 * Only values of the platform's own types stand in it as objects.
 */
export const flat: Codec = { sink: () => new FlatSink(), source: (data, limit) => new FlatSource(data, limit) }

class FlatSink implements Sink {
  urgent = false
  #tokens: unknown[] = []
  #transfer: object[] = []

  get size(): number {
    return this.#tokens.length * 8
  }

  undefined(): void {
    this.#tokens.push(undefined)
  }
  boolean(value: boolean): void {
    this.#tokens.push(value)
  }
  number(value: number): void {
    this.#tokens.push(value)
  }
  bigint(value: bigint): void {
    this.#tokens.push(value)
  }
  string(value: string): void {
    this.#tokens.push(value)
  }
  tag(tag: Tag.Any): void {
    this.#tokens.push(null, tag)
  }
  raw(bytes: Uint8Array): void {
    this.platform(bytes)
  }
  readonly platform = (value: object): void => {
    this.#tokens.push(value)
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
  cut(mark: Mark): unknown {
    if (!this.urgent) return this.#tokens.splice(mark)
    const kept = keep(this.#tokens.slice(mark), this.#transfer)
    this.rollback(mark)
    return kept
  }
  append(cut: unknown): void {
    if (Array.isArray(cut)) return this.#push(cut)
    const { values, transfer } = cut as Kept<unknown[]>
    this.#push(values)
    this.#transfer = transfer
    this.urgent = true
  }
  take(end?: Mark): Payload {
    if (end !== undefined) return { data: this.#tokens.splice(0, end), transfer: [] }
    const payload = { data: this.#tokens, transfer: this.#transfer }
    this.#tokens = []
    this.rollback(0)
    return payload
  }

  #push(tokens: readonly unknown[]): void {
    for (const token of tokens) this.#tokens.push(token)
  }
}

class FlatSource implements Source {
  tag: Tag.Any = 0
  readonly #tokens: readonly unknown[]
  #next = 0

  constructor(data: unknown, limit: number) {
    if (!Array.isArray(data)) throw new ActorError('malformed', 'a frame is no array')
    if (limit !== Infinity) checkSize(data, limit)
    this.#tokens = data
  }

  more(): boolean {
    return this.#next < this.#tokens.length
  }

  read(): unknown {
    if (this.#next >= this.#tokens.length) throw new ActorError('malformed', 'a frame ends early')
    const token = this.#tokens[this.#next++]
    if (token === null) {
      this.tag = this.#tokens[this.#next++] as Tag.Any
      return STRUCTURE
    }
    if (typeof token === 'object') throw new ActorError('malformed', 'a frame has an object where none may be')
    return token
  }

  raw(): Uint8Array {
    const bytes = this.platform()
    if (!(bytes instanceof Uint8Array)) throw new ActorError('malformed', 'a frame lacks the bytes of a buffer')
    return bytes
  }

  platform(): unknown {
    const value = this.#tokens[this.#next++]
    if (typeof value !== 'object' || value === null) throw new ActorError('malformed', 'a frame lacks a platform value')
    return value
  }
}

/** About what it would be in bytes; what cannot be measured is not read where there is a limit. */
function checkSize(tokens: readonly unknown[], limit: number): void {
  let size = tokens.length * 8
  for (let at = 0; at < tokens.length && size <= limit; at++) {
    const token = tokens[at]
    if (typeof token === 'string') size += token.length
    else if (typeof token === 'bigint' || (typeof token === 'object' && token !== null)) size = Infinity
  }
  if (size > limit) throw new ActorError('too-large', `a frame is over the limit of ${limit} bytes`)
}
