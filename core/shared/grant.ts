import { ActorError } from '../ground/errors.js'
import { checkMilliseconds } from '../ground/milliseconds.js'

/** Milliseconds that a holder keeps what it holds unless it says otherwise. */
export const LEASE = 30_000

/** What one holder has, or waits for. */
export class Grant {
  /** The fencing token; 0 while it waits. */
  token = 0
  /** How often its holder acquired it. */
  depth = 1
  /** When its lease is over, on the clock of its realm. */
  until = 0
  /** It was released or lost, and is never held again. */
  isOver = false
  /** Ends the timer of its lease. */
  undo = (): void => {}
  /** Called once, when it is over. */
  readonly ended = new Set<() => void>()

  constructor(
    /** Permits that it takes. */
    readonly need: number,
    readonly lease: number,
  ) {}

  end(): void {
    this.isOver = true
    for (const tell of this.ended) tell()
  }
}

/** Throws `malformed` for what is no time above 0. */
export function checkLease(lease: number = LEASE): number {
  checkMilliseconds('lease', lease)
  if (lease > 0) return lease
  throw new ActorError('malformed', "'lease' must be a number of milliseconds above 0")
}

/** What a call fails with whose token is not held. */
export const expired = (token: number): ActorError =>
  new ActorError('expired', `${token} is not held: it was released, or its lease is over`)
