import { ActorError, isUnsendable } from '../ground/errors.js'

/**
 * Of what fails before a call is sent, the stack begins at the line of the call. `send` is the function that sends it, and
 * was called by the method of a proxy. The build for bundlers has begin-anywhere.ts in place of this.
 */
export function beginAtCaller(error: unknown, send: unknown): void {
  if (!(error instanceof ActorError && isUnsendable(error))) return
  // Only some platforms have it.
  const { captureStackTrace } = Error as { captureStackTrace?: (error: Error, below: unknown) => void }
  if (!captureStackTrace) return
  captureStackTrace(error, send)
  if (error.stack) error.stack = error.stack.replace(/\n {4}at .*/, '')
}
