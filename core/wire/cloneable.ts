declare const structuredClone: (value: object) => object

const verdicts = new WeakMap<object, boolean>()

/**
 * Whether the platform's clone brings a value as what it is: it may make a plain object of it instead. Tried once for
 * each prototype. Undefined where the clone throws, which may be for this value only: one that was closed, say.
 */
export function isCloneable(value: object): boolean | undefined {
  const prototype = Object.getPrototypeOf(value) as object
  let verdict = verdicts.get(prototype)
  if (verdict !== undefined) return verdict
  try {
    const clone = structuredClone(value)
    verdict = Object.getPrototypeOf(clone) !== Object.prototype
    // Frames of video hold memory until they are closed.
    if (verdict) (clone as { close?(): void }).close?.()
  } catch {
    return undefined
  }
  verdicts.set(prototype, verdict)
  return verdict
}
