import { hmac as hmacOf } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Hmac } from './hmac.js'

declare const TextEncoder: new () => { encode(text: string): Uint8Array }

/** Whether secrets of servers may be here: what a page holds can be read by its user. */
export const isPrivate = false

/** HMAC-SHA-256 with that key. That of Web Crypto is asynchronous. */
export const hmac =
  (key: Uint8Array): Hmac =>
  (text, bytes) =>
    hmacOf.create(sha256, key).update(new TextEncoder().encode(text)).update(bytes).digest()
