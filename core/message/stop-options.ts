import { checkMilliseconds } from '../ground/milliseconds.js'
import { ActorError } from '../ground/errors.js'

const MODES = ['drain', 'now', 'kill'] as const

/** `drain` finishes the mailbox, `now` only the message being handled, `kill` waits for nothing. */
export type StopMode = (typeof MODES)[number]

export interface StopOptions {
  readonly mode?: StopMode
  /**
   * Milliseconds after which what still runs is killed; Infinity for never. Unless given, an actor is killed that
   * handles none of its messages in 30 s, or whose `onStop` takes as long.
   */
  readonly timeout?: number
  /** Handed to `onStop`. */
  readonly reason?: unknown
}

/** Throws `malformed`. */
export function checkStopOptions(options: StopOptions | undefined): StopOptions | undefined {
  if (options === undefined) return undefined
  const isRecord = typeof options === 'object' && options !== null
  if (!isRecord || (options.mode !== undefined && !MODES.includes(options.mode))) {
    throw new ActorError('malformed', `stop takes options, whose 'mode' is one of ${MODES.join(', ')}`)
  }
  checkMilliseconds('timeout', options.timeout)
  return options
}

/** What a peer says of a stop, of which only what can be an option is read. */
export function readStopOptions(value: unknown): StopOptions {
  const { mode, reason, timeout } = Object(value) as Record<string, unknown>
  return {
    ...(MODES.includes(mode as StopMode) && { mode: mode as StopMode }),
    ...(typeof timeout === 'number' && { timeout }),
    ...(reason !== undefined && { reason }),
  }
}
