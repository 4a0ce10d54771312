import { ActorError } from '../../core/adapter.js'

/** A worker that did not come up: names its URL, as far as it can be known, and what usually is the reason. */
export function startFailed(source: unknown, cause: unknown, file?: string): ActorError {
  const url = file || (typeof source === 'function' ? urlIn(String(source)) : undefined)
  const detail = cause instanceof Error ? cause.message : undefined
  return new ActorError(
    'start-failed',
    `the worker ${url ?? '(of unknown URL)'} did not start${detail ? `: ${detail}` : ''}; ` +
      'likely its file is missing (404), has a syntax error, is refused by the Content-Security-Policy (worker-src), or never calls host()',
    { cause },
  )
}

// The platform tells no URL for a worker that cannot be loaded; the factory's own text has it.
const urlIn = (text: string): string | undefined =>
  /new\s+(?:URL|Worker|SharedWorker)\(\s*(["'`])(.+?)\1/.exec(text)?.[2]
