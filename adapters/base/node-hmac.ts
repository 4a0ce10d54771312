import { createHmac, createSecretKey } from 'node:crypto'
import type { Hmac } from './hmac.js'

/** Whether secrets of servers may be here. */
export const isPrivate = true

/** HMAC-SHA-256 with that key. */
export function hmac(key: Uint8Array): Hmac {
  // A key that is made once costs less than one for each digest.
  const secret = createSecretKey(key)
  return (text, bytes) => createHmac('sha256', secret).update(text).update(bytes).digest()
}
