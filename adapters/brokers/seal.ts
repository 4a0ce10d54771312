import { hmac } from '#hmac'
import { ActorError } from '../../core/adapter.js'
import { given } from '../base/given.js'

/** Signs packets, and checks those that come. */
export interface Seal {
  /** Bytes at the end of each packet that hold its signature. */
  readonly size: number
  /** Fills the end of a packet that is for that subject. */
  sign(packet: Uint8Array, subject: string): void
  /** Whether the packet was signed with the same key, for that subject. */
  verify(packet: Uint8Array, subject: string): boolean
}

declare const TextEncoder: new () => { encode(text: string): Uint8Array }

/** Bytes of a key at least. */
const SHORTEST = 16
/** Bytes of a signature: half of an HMAC-SHA-256. */
const SIZE = 16
/** Before the subject and the packet, so that no other use of the same key makes the same signature. */
const DOMAIN = 'troupe bus 1\0'

/** For a bus without a key: all that can reach the server are trusted. */
export const unsigned: Seal = { size: 0, sign: () => {}, verify: () => true }

/** The bytes of a secret: those given, or those of a text in UTF-8. Throws `malformed` for a short one. */
export function secretOf(key: unknown): Uint8Array {
  const secret = typeof key === 'string' ? new TextEncoder().encode(key) : key
  if (secret instanceof Uint8Array && secret.length >= SHORTEST) return secret
  const got = secret instanceof Uint8Array ? `${secret.length} bytes` : given(secret)
  throw new ActorError('malformed', `'key' must be a secret of at least ${SHORTEST} bytes, best 32, not ${got}`)
}

/** What signs with a secret. */
export function sealOf(secret: Uint8Array): Seal {
  const digest = hmac(secret)
  const signature = (packet: Uint8Array, subject: string): Uint8Array =>
    digest(`${DOMAIN}${subject}\0`, packet.subarray(0, packet.length - SIZE)).subarray(0, SIZE)
  return {
    size: SIZE,
    sign: (packet, subject) => packet.set(signature(packet, subject), packet.length - SIZE),
    verify: (packet, subject) => areEqual(signature(packet, subject), packet.subarray(packet.length - SIZE)),
  }
}

/** In a time that does not depend on where the two differ. */
function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  let difference = 0
  for (let i = 0; i < SIZE; i++) difference |= one[i]! ^ other[i]!
  return difference === 0
}
