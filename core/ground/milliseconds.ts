import { ActorError } from './errors.js'

/** Throws `malformed` for what is no number of milliseconds. */
export function checkMilliseconds(what: string, ms: unknown): number | undefined {
  if (ms === undefined || (typeof ms === 'number' && ms >= 0)) return ms
  throw new ActorError(
    'malformed',
    `'${what}' must be a number of milliseconds, not ${typeof ms === 'number' ? ms : typeof ms}`,
  )
}
