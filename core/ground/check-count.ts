import { ActorError } from '../ground/errors.js'

/** Throws `malformed` for what is no whole number of `least` or more; `Infinity` is one. */
export function checkCount(name: string, value: unknown, least = 0): void {
  if (typeof value === 'number' && value >= least && (value === Infinity || Number.isSafeInteger(value))) return
  throw new ActorError('malformed', `'${name}' must be a whole number of ${least} or more`)
}
