import { classTag } from '../ground/slots.js'

/** Whether it is shared memory, or a view of it. */
export function isShared(value: object): boolean {
  const memory = ArrayBuffer.isView(value) ? value.buffer : value
  return classTag(memory) === 'SharedArrayBuffer'
}

/** Whether a buffer was moved. Not every platform has its `detached`. */
export function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    return buffer.byteLength === 0 && !new Uint8Array(buffer)
  } catch {
    return true
  }
}

/** What to call a value that cannot be sent. */
export function describe(value: object): string {
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name
  const known = typeof name === 'string' && name && name !== 'Object' ? name : classTag(value)
  return `${/^([AEIO]|HTML|SVG|XML)/.test(known) ? 'an' : 'a'} ${known}`
}

/** How code says the way to a part of a value. */
export const pathOf = (steps: readonly (string | number)[]): string =>
  steps.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
