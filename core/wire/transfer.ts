const moved = new WeakMap<object, readonly object[]>()

/**
 * Marks `value` so that sending it the next time moves `parts` (buffers, ports, …) instead of copying them, and returns it.
 * Transports of bytes copy all the same. A call that hands the value over inside this realm moves nothing and leaves
 * the mark on.
 */
export function transfer<T extends object>(value: T, parts: readonly object[]): T {
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
