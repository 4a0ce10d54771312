import { classTag } from '../ground/slots.js'

/** Whether it is shared memory, or a view of it. */
export function isShared(value: object): boolean {
  const memory = ArrayBuffer.isView(value) ? value.buffer : value
  return classTag(memory) === 'SharedArrayBuffer'
}

/** Whether a buffer was moved. Not every platform has its `detached`. */
export function isDetached(buffer: ArrayBufferLike): boolean {
  if (buffer.byteLength > 0) return false
  try {
    // A call, which no minifier takes for one without effect.
    buffer.slice(0)
    return false
  } catch {
    return true
  }
}

/** The name of the class of a value that cannot be sent. */
export function classNameOf(value: object): string {
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name
  return typeof name === 'string' && name && name !== 'Object' ? name : classTag(value)
}

/** How code says the way to a part of a value. */
export const pathOf = (steps: readonly (string | number)[]): string =>
  steps.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
