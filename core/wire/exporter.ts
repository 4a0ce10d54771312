import type { Owner } from '../message/owner.js'
import type { Encoder } from './encode.js'
import type { Kind } from './kind.js'

/** Writes what travels by reference: proxies, functions, streams. */
export interface Exporter {
  /** Writes the value if it travels by reference; false for all that is copied. */
  export(value: object, kind: Kind | undefined, encoder: Encoder): boolean
  /** A frame begins; `owner` hands out what is in it. */
  begin?(owner: Owner | undefined): void
  /** How much the frame has handed out by now. */
  mark?(): number
  /** What was written since `mark` is taken back, and with it what it handed out; the whole frame unless given. */
  undo?(mark?: number): void
}
