import { ActorError, withoutCode } from '../ground/errors.js'

/** Why the state of the actor of that path cannot be stored: `snapshot` threw, or returned what cannot be written. */
export function unsavable(path: string, cause: unknown): ActorError {
  if (cause instanceof ActorError)
    return new ActorError(cause.code, `the state of ${path}: ${withoutCode(cause)}`, { ran: 'maybe', cause })
  return new ActorError('stored-failed', `snapshot() of ${path} threw`, { ran: 'maybe', cause })
}
