const moved = new WeakMap<object, readonly object[]>()

/**
 * Marks `value` so that sending it moves `parts` (buffers, ports, …) instead of copying them, and returns it.
 * Transports of bytes copy all the same.
 */
export function transfer<T extends object>(value: T, parts: readonly object[]): T {
  moved.set(value, parts)
  return value
}

export const transferOf = (value: object): readonly object[] | undefined => moved.get(value)
