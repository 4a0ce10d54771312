import { ActorError } from '../../core/adapter.js'

/**
 * A worker that did not start: names its URL, as far as it can be known, and the cause. Where no cause is known, it
 * says what was `seen`, and what usually is the reason.
 */
export function startFailed(source: unknown, cause: unknown, seen?: string, file?: string): ActorError {
  const url = file || fileOf(source)
  if (cause !== undefined) {
    const text = cause instanceof Error ? cause.message : typeof cause
    return new ActorError('start-failed', `the worker ${url} did not start: ${text}`, { cause })
  }
  return new ActorError(
    'start-failed',
    `the worker ${url} did not start: ${seen}; likely its file is missing (404), has a syntax error, ` +
      'is refused by the Content-Security-Policy (worker-src), or never calls host()',
  )
}

/** The platform tells no URL of a worker; the text of the function that makes it has one. */
export const fileOf = (source: unknown): string =>
  /(?:URL|Worker|fork)\(\s*(["'`])(.+?)\1/.exec(String(typeof source === 'function' && source))?.[2] ??
  '(of unknown URL)'
