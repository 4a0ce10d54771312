import { ActorError } from './errors.js'

/** Whether it is a number of 0 or more. */
export const isAmount = (value: unknown): value is number => typeof value === 'number' && value >= 0

/** Throws `malformed` for what is no number of milliseconds. */
export function checkMilliseconds(what: string, ms: unknown): number | undefined {
  if (ms === undefined || isAmount(ms)) return ms
  throw new ActorError(
    'malformed',
    `'${what}' must be a number of milliseconds, not ${typeof ms === 'number' ? ms : typeof ms}`,
  )
}
