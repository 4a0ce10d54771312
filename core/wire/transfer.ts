import { ActorError } from '../ground/errors.js'

const moved = new WeakMap<object, readonly object[]>()

/**
 * Marks a value: the next time it is sent over a link, `parts` (buffers, ports, …) are moved instead of copied. Links
 * of bytes, such as WebSockets, copy them. A call within this realm moves nothing and keeps the mark.
 *
 * Returns the value. Throws `malformed` if `parts` is no array.
 */
export function transfer<T extends object>(value: T, parts: readonly object[]): T {
  if (Object(value) !== value || !Array.isArray(parts))
    throw new ActorError('malformed', 'transfer takes an object, and an array of what moves')
  moved.set(value, parts)
  return value
}

/** As `transferOf`; it is sent now, and not marked any more. A mark that stays costs collections more than all else does. */
export function takeTransfer(value: object): readonly object[] | undefined {
  const parts = moved.get(value)
  if (parts) moved.delete(value)
  return parts
}

export const transferOf = (value: object): readonly object[] | undefined => moved.get(value)
