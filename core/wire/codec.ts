// The room wire: values to frames and back, on ports and as bytes, and copies within a realm.
import type { Cut } from './cut.js'
import type { Decoder } from './decode.js'
import type { Encoder } from './encode.js'
import type * as Tag from './tag.js'

export type AnyTag = (typeof Tag)[keyof typeof Tag]

/** What goes through a transport at once, with what moves instead of being copied. */
export interface Payload {
  readonly data: unknown
  readonly transfer: readonly object[]
}

/** Where in a sink a frame begins. */
export type Mark = number

/** Writes frames as a sequence of primitives and tags. The grammar above it is the same for every codec. */
export interface Sink {
  number(value: number): void
  string(value: string): void
  /** Any other primitive. */
  primitive(value: undefined | boolean | bigint): void
  tag(tag: AnyTag): void
  /**
   * Writes a value that the platform clones, behind its tag. Where the transport carries bytes only, buffers and views are
   * written out, and anything else throws `uncloneable`.
   */
  platform(value: object, encoder: Encoder): void
  /** Whether the platform's clone carries values. */
  readonly clones: boolean
  /** Moves `value` instead of copying it, where the transport can. */
  transfer(value: object): void
  /** True since a value was written that the platform clones later: the frame must be posted now. */
  readonly urgent: boolean
  /** Approximate bytes since the last `take`. */
  readonly size: number
  mark(): Mark
  /** Forgets what was written since `mark`. */
  rollback(mark: Mark): void
  /** Forgets a part of the last frame, written since `mark`. What it moves is still moved. */
  forget(mark: Mark): void
  /** Writes a number before what was written since `mark`. */
  insert(mark: Mark, value: number): void
  /** Takes out the last frame, written since `mark`, as a snapshot to `append` later. Throws what cannot be cloned. */
  cut(mark: Mark): Cut
  append(cut: Cut): void
  /** What was written, up to `end`, as one payload; the sink keeps the rest. Platform values belong to the last frame. */
  take(end?: Mark): Payload
}

/** Returned by `Source.read` when a structure begins; its tag is in `Source.tag`. */
export const STRUCTURE: unique symbol = Symbol('structure')

/** Reads what a sink wrote. Throws `malformed` on anything else; never allocates by a declared size. */
export interface Source {
  /** As it was read: it may be none that there is. */
  readonly tag: AnyTag
  /** Bytes that were read, or about as many where values are cloned. */
  readonly at: number
  more(): boolean
  read(): unknown
  /** The value behind the platform's tag. */
  platform(): unknown
  /** Reads a buffer or a view that was written out; undefined for another tag. Absent where none is. */
  memory?(tag: AnyTag, decoder: Decoder): object | undefined
}

/** How frames are written on a transport: `bytes`, `flat` or `adaptive`. */
export interface Codec {
  /** For frames that leave alone; for all frames where there is no `batch`. */
  sink(): Sink
  /** For frames that leave by the dozen, where another form is cheaper for them. */
  batch?(): Sink
  /** Throws `malformed` for data that is no payload of this codec, `too-large` beyond `limit` bytes. */
  source(data: unknown, limit: number): Source
}
