import { ActorError } from '../../core/adapter.js'
import type { Hmac } from './hmac.js'

/** Throws `unauthorized`: a page can be read by its user, and must not hold the key of a cluster. */
export function hmac(_key: Uint8Array): Hmac {
  throw new ActorError('unauthorized', "a page must not hold the 'key' of a cluster; let it connect to a server")
}
