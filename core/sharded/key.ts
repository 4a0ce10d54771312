import { ActorError } from '../ground/errors.js'

/** The most characters of a key. */
const MOST = 256

/** A key. Throws `malformed` for what can be none. */
export function checkKey(key: unknown): string {
  if (typeof key === 'string' && key !== '' && key.length <= MOST && !/\p{Surrogate}/u.test(key)) return key
  throw new ActorError('malformed', `a key is a text of 1 to ${MOST} characters, none of them half of a pair`)
}
