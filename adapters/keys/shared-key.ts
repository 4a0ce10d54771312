import { ActorError, keyOf, type Secret, type SharedKey } from '../../core/adapter.js'

export type { SharedKey }

/** The part of Web Crypto that is used. */
interface Subtle {
  importKey(
    format: 'raw',
    bytes: Uint8Array,
    algorithm: object,
    extractable: boolean,
    usages: string[],
  ): Promise<object>
  sign(algorithm: 'HMAC', key: object, data: Uint8Array): Promise<ArrayBuffer>
  verify(algorithm: 'HMAC', key: object, signature: Uint8Array, data: Uint8Array): Promise<boolean>
}

declare const TextEncoder: new () => { encode(text: string): Uint8Array }
declare const atob: (text: string) => string
declare const btoa: (text: string) => string

/** Bytes of a secret at least. */
const SHORTEST = 16
/** 32 bytes in base64url. */
const PROOF = /^[\w-]{43}$/

/**
 * A key that both sides of a link know, for the option `key` of `connect`, `listen`, `join` and `host`. Each side proves to
 * the other that it knows the secret, by HMAC-SHA-256, and the secret itself is not sent. The links are not encrypted by it.
 *
 * Takes the secret: bytes, or a text, of which the bytes in UTF-8 count; at least 16 bytes, best 32 random ones. Further secrets are accepted from peers that
 * connect, so that a secret can be replaced: `sharedKey(next, last)`. Throws `malformed` for anything else, and
 * `unauthorized` where the platform has no Web Crypto: pages have it only over `https:` and on localhost.
 */
export function sharedKey(secret: string | Uint8Array, ...more: readonly (string | Uint8Array)[]): SharedKey {
  const subtle = (globalThis as { readonly crypto?: { readonly subtle?: Subtle } }).crypto?.subtle
  if (!subtle)
    throw new ActorError(
      'unauthorized',
      'crypto.subtle' + ' is missing, which a shared key needs; pages have it only over https: and on localhost',
    )
  return keyOf(...[secret, ...more].map((each) => new Hmac(subtle, bytesOf(each))))
}

class Hmac implements Secret {
  readonly #subtle: Subtle
  readonly #key: Promise<object>

  constructor(subtle: Subtle, bytes: Uint8Array) {
    this.#subtle = subtle
    this.#key = subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
    // Told where it is used.
    this.#key.catch(() => {})
  }

  async sign(text: string): Promise<string> {
    const signature = await this.#subtle.sign('HMAC', await this.#key, utf8(text))
    return btoa(String.fromCharCode(...new Uint8Array(signature)))
      .slice(0, 43)
      .replaceAll('+', '-')
      .replaceAll('/', '_')
  }

  async verify(text: string, proof: string): Promise<boolean> {
    if (!PROOF.test(proof)) return false
    const signature = atob(proof.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(signature, (char) => char.charCodeAt(0))
    return this.#subtle.verify('HMAC', await this.#key, bytes, utf8(text))
  }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A copy of its bytes. */
function bytesOf(secret: unknown): Uint8Array {
  const bytes =
    typeof secret === 'string'
      ? utf8(secret)
      : ArrayBuffer.isView(secret)
        ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength).slice()
        : undefined
  if (bytes && bytes.length >= SHORTEST) return bytes
  const got = bytes ? `${bytes.length} bytes` : typeof secret
  throw new ActorError('malformed', `sharedKey takes a secret of at least ${SHORTEST} bytes, not ${got}`)
}
