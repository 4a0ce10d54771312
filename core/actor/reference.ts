import { ActorError } from '../ground/errors.js'
import { mark } from '../proxy/marks.js'
import type { Referenced } from '../proxy/proxy-types.js'
import { represent } from './hosting.js'

/**
 * Marks an object to be passed by reference. Over a link, the receiver gets a proxy to it, the same one each time. In
 * this realm, the receiver gets the object itself. The object is kept as long as a peer holds the proxy.
 *
 * Returns the object. Throws `malformed` for anything else.
 */
export function reference<T extends object>(value: T): Referenced<T> {
  if (Object(value) !== value) throw new ActorError('malformed', `reference takes an object, not ${typeof value}`)
  mark(value, represent)
  return value as Referenced<T>
}
