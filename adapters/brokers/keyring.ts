import { ActorError } from '../../core/adapter.js'
import { checkPrivate, hasExpired, leafId, leafOf, leafSecret, readLeafKey } from './leaf.js'
import { type Seal, sealOf, secretOf, unsigned } from './seal.js'

/** What a member of a bus signs with, and checks what others sent with. */
export interface Keyring {
  /** The member's id on the bus. */
  readonly id: string
  /** Signs what is for all. */
  readonly own: Seal
  /** What is for that member, and comes from it, is signed with it. Undefined for one of whom nothing is taken. */
  of(member: string): Seal | undefined
  /** Whether it is the one of a leaf: it knows nothing of what is for all, and of no other leaf. */
  readonly isLeaf: boolean
}

/** The options of a bus that decide who is trusted. */
export interface KeyOptions {
  /**
   * A secret that all members share: at least 16 bytes, best 32 random ones, or a text. What they send is signed with it, and
   * what is not is dropped and counted in `dispatcher.info().buses`. It is not encrypted. Not for pages.
   */
  readonly key?: string | Uint8Array
  /**
   * What `leafKey(…)` returned, in place of `key`, or a function that returns or resolves to it and is called each time that this one
   * joins. It joins as a leaf: it has links with the members that hold the key, and with no other leaf; they let it in only if their
   * `authorize` does, and trust it as little as a peer over a WebSocket.
   */
  readonly leaf?: string | (() => string | Promise<string>)
}

/** What makes the keyring of a member. Throws `malformed` for wrong options, and `unauthorized` for a key in a page. */
export function keyringFor(options: KeyOptions): (member: string) => Keyring | Promise<Keyring> {
  const { key, leaf } = options
  for (const name of ['key', 'leaf'] as const)
    if (name in options && options[name] === undefined)
      throw new ActorError('malformed', `'${name}' is undefined; leave it out to trust all that can reach the server`)
  if (leaf !== undefined) {
    if (key !== undefined) throw new ActorError('malformed', "a leaf has no 'key' of the cluster; give 'key' or 'leaf'")
    if (typeof leaf !== 'function') return keyringOf(leaf)
    return async (member) => keyringOf(await fresh(leaf))(member)
  }
  if (key === undefined)
    return (id) => ({ id, own: unsigned, of: (other) => (leafOf(other) ? undefined : unsigned), isLeaf: false })
  checkPrivate()
  const secret = secretOf(key)
  const own = sealOf(secret)
  const of = (other: string): Seal | undefined => {
    const from = leafOf(other)
    if (!from) return own
    return hasExpired(from) ? undefined : sealOf(leafSecret(secret, from))
  }
  return (id) => ({ id, own, of, isLeaf: false })
}

/** That of a leaf, which throws `expired` where its key has. */
function keyringOf(leaf: unknown): (member: string) => Keyring {
  const { secret, ...who } = readLeafKey(leaf)
  const own = sealOf(secret)
  const of = (other: string): Seal | undefined => (leafOf(other) ? undefined : own)
  return (member) => {
    if (hasExpired(who))
      throw new ActorError('expired', 'the key of the leaf has expired; a function can give a new one')
    return { id: leafId(who, member), own, of, isLeaf: true }
  }
}

/** Rejects with `unreachable`: it may be there at the next attempt. */
async function fresh(leaf: () => string | Promise<string>): Promise<string> {
  try {
    return await leaf()
  } catch (cause) {
    throw new ActorError('unreachable', "there is no key of a leaf: the function 'leaf' failed", { cause })
  }
}
