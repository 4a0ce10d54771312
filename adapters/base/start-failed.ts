import { ActorError } from '../../core/adapter.js'

/**
 * A worker that did not start: names its URL, as far as it can be known, and the cause. Where no cause is known, it
 * says what was `seen`, and what usually is the reason.
 */
export function startFailed(source: unknown, cause: unknown, seen?: string, file?: string): ActorError {
  const worker = file ? `the worker ${file}` : fileOf(source)
  if (cause !== undefined) {
    const text = cause instanceof Error ? cause.message : typeof cause
    return new ActorError('start-failed', `${worker} did not start: ${text}`, { cause })
  }
  return new ActorError(
    'start-failed',
    `${worker} did not start: ${seen}; likely its file is missing, has a syntax error or never calls host()` +
      `${'document' in globalThis ? ', or the Content-Security-Policy (worker-src) forbids it' : ''}`,
  )
}

/** What to call a worker in a text. The platform tells no URL of it; the text of the function that makes it may have one. */
export function fileOf(source: unknown): string {
  const url = /(?:URL|Worker|fork)\(\s*(["'`])(.+?)\1/.exec(String(typeof source === 'function' && source))?.[2]
  return url ? `the worker ${url}` : 'a worker'
}
