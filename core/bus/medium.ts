import type { ActorError } from '../ground/errors.js'
import type { BusInfo } from '../transport/bus-info.js'
import type { Facts, Transport } from '../transport/transport.js'

/** A message from one member of a bus to all others, or to one of them. */
export interface Packet {
  /** The id of the sender: 128 random bits. A realm that joins again has a new one. */
  readonly from: string
  /** The id of the receiver; undefined for all others. */
  readonly to: string | undefined
  readonly kind: 'here' | 'gone' | 'data'
  readonly data?: unknown
}

/** A member that is not trusted as the others are. */
export interface Guest {
  /** What `authorize` gets to know of it. */
  readonly facts: Facts
  /** Bytes that were sent to it, and that it does not have yet. */
  readonly buffered: number
  /** It is let in: until then it sends only what is small. */
  admitted(): void
  /** Sets whether nothing more is taken from it. */
  pause(paused: boolean): void
}

/** A transport to all other members at once. It carries packets, and keeps the order of those of one sender. */
export interface Medium extends Transport {
  /** Resolves to the ids of the members that are there now, if the medium can tell. */
  members?: (() => Promise<readonly string[]>) | undefined
  /** Calls `died` when a member is gone, if the medium can tell. Returns a function that ends this. */
  watch?: ((member: string, died: () => void) => () => void) | undefined
  /** That member, if it is not trusted as the others are. */
  guest?(member: string): Guest | undefined
  /** The link with that member has ended, `isSilent` if it did not answer: nothing more is sent to it. */
  ended?(member: string, isSilent: boolean): void
  /**
   * Calls `listener` with the reason when the server that carries the bus can't be reached, and with undefined when it can
   * be again.
   */
  outages?(listener: (reason: ActorError | undefined) => void): void
  /** What `dispatcher.info()` shows of it. */
  info?(): BusInfo
}

/** Throws nothing: what is no packet was said by somebody who is none of us. */
export function readPacket(data: unknown): Packet | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { from, to, kind } = data as Record<string, unknown>
  const isMember = typeof from === 'string' && (to === undefined || typeof to === 'string')
  return isMember && (kind === 'here' || kind === 'gone' || kind === 'data') ? (data as Packet) : undefined
}
