import { checkMilliseconds, isAmount } from '../ground/milliseconds.js'
import { ActorError } from '../ground/errors.js'

const MODES = ['drain', 'now', 'kill'] as const

/**
 * What an actor still handles: with `drain` all messages in its mailbox, with `now` only the current one, with `kill`
 * none.
 */
export type StopMode = (typeof MODES)[number]

/** The options of `stop`. */
export interface StopOptions {
  /** `drain` unless given. */
  readonly mode?: StopMode
  /**
   * Milliseconds after which an actor that still runs is killed; `Infinity` for never. Unless given, an actor is killed
   * that finishes no message for 30 s, or whose `onStop` takes that long.
   */
  readonly timeout?: number
  /** The argument of `onStop`, and the reason that monitors get. */
  readonly reason?: unknown
}

/** The options of `close`: of a dispatcher, and of a peer whose realm this side started. */
export type CloseOptions = Omit<StopOptions, 'reason'>

/** Throws `malformed`. */
export function checkStopOptions(options: StopOptions = {}): StopOptions {
  const isRecord = typeof options === 'object' && options !== null
  if (!isRecord || (options.mode !== undefined && !MODES.includes(options.mode))) {
    throw new ActorError('malformed', `stop and close take options, whose 'mode' must be one of ${MODES.join(', ')}`)
  }
  checkMilliseconds('timeout', options.timeout)
  return options
}

/** What a peer says of a stop, of which only what can be an option is read. */
export function readStopOptions(value: unknown): StopOptions {
  const { mode, reason, timeout } = Object(value) as Record<string, unknown>
  return {
    ...(MODES.includes(mode as StopMode) && { mode: mode as StopMode }),
    ...(isAmount(timeout) && { timeout }),
    ...(reason !== undefined && { reason }),
  }
}
