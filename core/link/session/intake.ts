import type { Env } from '../../ground/env.js'
import type { ActorError } from '../../ground/errors.js'
import type { Limits } from '../../ground/limits.js'
import type { Transport } from '../../transport/transport.js'
import type { Source } from '../../wire/codec.js'

/** Takes in what a peer sends, at a pace. */
export interface Intake {
  /** A payload came. It is read now, or when it is this peer's turn. */
  take(data: unknown): void
  /** Something was sent to the peer. */
  sent(): void
  /** The peer asks whether this side is there. */
  asked(): void
  /** The link ended. */
  end(): void
}

/** What an intake needs of its link. */
export interface Paced {
  readonly realm: {
    readonly env: Env
    readonly queue: { pump(): void } | undefined
    time: number
  }
  readonly transport: Transport
  readonly limits: Limits
  readonly hasEnded: boolean
  /** Set while there is no connection. */
  readonly outage: object | undefined
  /** Begins to read a payload that came at that time. Undefined if nothing in it can be read; then the link has ended. */
  begin(data: unknown, at: number): Source | undefined
  /** Reads one frame. Returns whether what is behind it is to be read. */
  read(source: Source): boolean | undefined
  /** The peer was there at that time. */
  heard(now: number): void
  /** Answers the peer that this side is there. */
  pong(): void
  close(reason: ActorError): void
}
