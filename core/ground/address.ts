/** What identifies an actor: the result of `address(proxy)`. */
export interface Address {
  /** Unique in its dispatcher. */
  readonly id: string
  readonly name: string | undefined
  /** `/name`, or `/parent/name` for a child. An actor without a name has its id there. */
  readonly path: string
  /** The key in `actors`, or the class's name. */
  readonly kind: string
  /** The id of the dispatcher that owns it. */
  readonly realm: string
}

/** Names hold no `/`, are not empty and stay within `limit` UTF-16 units. */
export function isName(name: unknown, limit: number): name is string {
  return typeof name === 'string' && name.length > 0 && name.length <= limit && !name.includes('/')
}
