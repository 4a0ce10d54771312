import type { ActorError } from '../errors.js'
import type { Traits } from '../transport.js'
import type { Codec } from '../wire/codec.js'

/** What one member of a bus says to all others, or to one of them. */
export interface Packet {
  /** 128 random bits, never used before: whoever joins again is somebody else. */
  readonly from: string
  /** Undefined for all others. */
  readonly to: string | undefined
  readonly kind: 'here' | 'gone' | 'data'
  readonly data?: unknown
}

/** A medium that many share; what adapters such as `broadcastChannel(...)` return and `join` takes. */
export interface Bus {
  /** Joins as `member`. Rejects with an ActorError. `frame` is the largest payload to take, in bytes. */
  open(member: string, frame: number): Medium | Promise<Medium>
}

/** Contract: packets of one sender arrive in order; `closed` resolves once, with the reason, and never rejects. */
export interface Medium {
  readonly traits: Traits
  readonly codec: Codec
  readonly closed: Promise<ActorError>
  send(packet: Packet): void
  /** Called once, before anything is sent. What comes may be anything: whoever is on the medium can say what he likes. */
  receive(listener: (packet: Packet) => void): void
  close(): void
  /** Who is there now, where the medium can tell. */
  members?(): Promise<readonly string[]>
  /** Calls `died` when a member is gone, where the medium can tell; returns its undo. */
  watch?(member: string, died: () => void): () => void
  /** Whether the medium keeps its process alive. It does not until told so. */
  hold?(active: boolean): void
}
