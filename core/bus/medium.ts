import type { Transport } from '../transport/transport.js'

/** What one member of a bus says to all others, or to one of them. */
export interface Packet {
  /** 128 random bits, never used before: whoever joins again is somebody else. */
  readonly from: string
  /** Undefined for all others. */
  readonly to: string | undefined
  readonly kind: 'here' | 'gone' | 'data'
  readonly data?: unknown
}

/** A transport to all others at once: what it carries are packets, those of one sender in order. */
export interface Medium extends Transport {
  /** Who is there now, where the medium can tell. */
  members?: (() => Promise<readonly string[]>) | undefined
  /** Calls `died` when a member is gone, where the medium can tell; returns its undo. */
  watch?: ((member: string, died: () => void) => () => void) | undefined
}

/** Throws nothing: what is no packet was said by somebody who is none of us. */
export function readPacket(data: unknown): Packet | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { from, to, kind } = data as Record<string, unknown>
  const isMember = typeof from === 'string' && (to === undefined || typeof to === 'string')
  return isMember && (kind === 'here' || kind === 'gone' || kind === 'data') ? (data as Packet) : undefined
}
