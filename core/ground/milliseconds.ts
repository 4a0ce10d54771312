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

/** The number of milliseconds that an option has, if there are options. Throws `malformed`, also for options that are no object. */
export function millisecondsOf(options: unknown, key: string): number | undefined {
  if (options === undefined) return undefined
  if (Object(options) === options) return checkMilliseconds(key, (options as Record<string, unknown>)[key])
  throw new ActorError('malformed', `options such as { ${key}: 500 } were expected, not ${String(options as unknown)}`)
}
