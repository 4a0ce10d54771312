import { hmac, isPrivate } from '#hmac'
import { ActorError, checkMilliseconds } from '../../core/adapter.js'
import { given } from '../base/given.js'
import { secretOf } from './seal.js'

declare const btoa: (binary: string) => string
declare const atob: (base64: string) => string

/** The options of `leafKey`. */
export interface LeafKeyOptions {
  /** Who the leaf is, of 1 to 64 letters, digits, _ and -: `authorize` gets it as `leaf`. */
  readonly name: string
  /** Milliseconds in which the leaf can join: 3,600,000 unless given. Links that are open then go on. */
  readonly expiresIn?: number
}

/** A leaf, as its id on the bus names it. */
export interface Leaf {
  readonly name: string
  /** When its key ends, in seconds of Unix time to base 36. */
  readonly end: string
}

const HOUR = 3_600_000
/** Milliseconds that a key lasts at most: a hundred years. */
const LONGEST = 36_525 * 24 * HOUR
/** Between the parts of a key, and of the id of a leaf. The ids of others do not hold it. */
const MARK = '~'
const NAME = /^[\w-]{1,64}$/
const KEY = /^([\w-]{1,64})~([0-9a-z]{1,10})~([\w-]{43})$/
const ID = /^([\w-]{1,64})~([0-9a-z]{1,10})~[\w-]{1,43}$/
/** Before the name and the end, so that no other use of the same key makes the same secret. */
const DOMAIN = 'troupe leaf 1\0'

const BYTES = new Uint8Array(0)

/**
 * Makes a key for one that joins a bus as a leaf: `nats(connection, { leaf })` in a page. It is made of the `key` of the bus, and can
 * be used until it expires. Those on the bus need nothing else to know it.
 *
 * Returns a text of about 60 characters. Throws `malformed` for a wrong key or name, and `unauthorized` in a page.
 */
export function leafKey(key: string | Uint8Array, options: LeafKeyOptions): string {
  checkPrivate()
  const secret = secretOf(key)
  const { name, expiresIn = HOUR } = Object(options) as LeafKeyOptions
  if (typeof name !== 'string' || !NAME.test(name))
    throw new ActorError('malformed', `'name' must be 1 to 64 letters, digits, _ and -, not ${given(name)}`)
  checkMilliseconds('expiresIn', expiresIn)
  const end = Math.ceil((Date.now() + Math.min(expiresIn, LONGEST)) / 1000).toString(36)
  const base64 = btoa(String.fromCharCode(...leafSecret(secret, { name, end })))
  return [name, end, base64.replaceAll('+', '-').replaceAll('/', '_').replace('=', '')].join(MARK)
}

/** Throws `unauthorized` in a page: it can be read by its user, and must not hold the key of a cluster. */
export function checkPrivate(): void {
  if (isPrivate) return
  throw new ActorError(
    'unauthorized',
    "a page must not hold the 'key' of a cluster; let it join with a 'leaf' key, or connect to a server",
  )
}

/** The secret of a leaf. */
export const leafSecret = (key: Uint8Array, { name, end }: Leaf): Uint8Array =>
  hmac(key)(`${DOMAIN}${name}\0${end}`, BYTES)

/** What a key of a leaf says. Throws `malformed`. */
export function readLeafKey(key: unknown): Leaf & { readonly secret: Uint8Array } {
  const [, name, end, secret] = (typeof key === 'string' && KEY.exec(key)) || []
  if (name === undefined)
    throw new ActorError(
      'malformed',
      `'leaf' must be what leafKey() returns, or a function that gives it, not ${given(key)}`,
    )
  const binary = atob(secret!.replaceAll('-', '+').replaceAll('_', '/'))
  return { name, end: end!, secret: Uint8Array.from(binary, (char) => char.charCodeAt(0)) }
}

/** The id on the bus of a leaf with that member id. */
export const leafId = ({ name, end }: Leaf, member: string): string => [name, end, member].join(MARK)

/** The leaf with that id; undefined for the id of another member. */
export function leafOf(id: string): Leaf | undefined {
  const [, name, end] = ID.exec(id) ?? []
  return name === undefined ? undefined : { name, end: end! }
}

/** Whether its key has expired. */
export const hasExpired = ({ end }: Leaf): boolean => Number.parseInt(end, 36) * 1000 < Date.now()
