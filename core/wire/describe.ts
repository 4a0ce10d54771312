/** Whether it is shared memory, or a view of it. */
export function isShared(value: object): boolean {
  const memory = ArrayBuffer.isView(value) ? value.buffer : value
  return Object.prototype.toString.call(memory) === '[object SharedArrayBuffer]'
}

/** What to call a value that cannot be sent. */
export function describe(value: object): string {
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name
  return `a ${typeof name === 'string' && name ? name : Object.prototype.toString.call(value).slice(8, -1)}`
}
