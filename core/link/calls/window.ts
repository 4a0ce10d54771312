import type { Chain } from '../../message/chain.js'
import type { Message } from '../../message/message.js'
import { Op } from '../session/op.js'
import type { Pending } from './pending.js'

/** Levels that have room of their own, where the window is large enough. */
const LEVELS = 31
/** Requests that wait for no other one, and may free what others wait for: they pass all. */
const URGENT = new Set(['resume', 'suspend', 'kill', 'info', 'ping'])

/** What a window needs of its link. */
export interface WindowLink {
  /** Set while there is no connection: nothing leaves. */
  readonly outage: object | undefined
  /** Calls of the peer that are handled here: each may wait for one of ours. */
  readonly incomingCalls: { readonly size: number }
}

/**
 * What the peer admits, and how much of it is taken: calls without a reply, one-way messages that the peer has not handled,
 * and the bytes of both.
 *
 * A level is how many handlers wait for a message. Each level has room that no level below it can take.
 */
export class Window {
  /** Calls that the peer admits, and one-way messages. */
  calls = 0
  /** Bytes of both that the peer admits. */
  bytes = Number.MAX_SAFE_INTEGER
  readonly #pending: Pending
  readonly #link: WindowLink
  #tells = 0
  #tellBytes = 0

  constructor(pending: Pending, link: WindowLink) {
    this.#pending = pending
    this.#link = link
  }

  /** Whether one more message of that level may leave, after `before` others. */
  hasRoom(level: number, isTell: boolean, before = 0): boolean {
    const { outage, incomingCalls } = this.#link
    if (outage) return false
    const { calls, bytes } = this
    const handling = level ? 0 : incomingCalls.size
    const most = level ? 3 * calls - this.share(level) : calls + Math.min(calls, handling)
    const mostBytes = level ? 4 * bytes - bytes / 2 ** level : handling ? 2 * bytes : bytes
    const taken = isTell ? this.#tells : this.#pending.size
    return taken + before < most && this.#pending.bytes + this.#tellBytes < mostBytes
  }

  /** What a level leaves to those above it: half of what there is, but as long as it can at least one place to each. */
  share(level: number): number {
    const { calls } = this
    return Math.max(calls / 2 ** level, Math.min(calls, LEVELS) - level)
  }

  /** A one-way message left. */
  told(bytes: number): void {
    this.#tells++
    this.#tellBytes += bytes
  }

  /** The peer has handled one-way messages. */
  credit(count: number, bytes: number): void {
    this.#tells = Math.max(0, this.#tells - count)
    this.#tellBytes = this.#tells && Math.max(0, this.#tellBytes - bytes)
  }
}

/** The level of a message: how many handlers wait for it, those of its chain, and 1 for a request. */
export function levelOf(message: Message, op: number, { length }: Chain): number {
  if (op === Op.Request && URGENT.has(message.method)) return LEVELS
  if (message.isAwaited) return Math.min(1 + (length || 1), LEVELS + 1)
  return op === Op.Request ? 1 : 0
}
