const classes = globalThis as unknown as Record<string, { prototype: object } | undefined>

/** The name that the platform knows the class of a value by. */
export const classTag = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)

/** Whether the platform's class `name` made a value, in any JavaScript realm: its getter or method `key` throws if not. */
export function hasSlot(name: string, key: string, value: unknown): boolean {
  try {
    const found = Object.getOwnPropertyDescriptor(classes[name]!.prototype, key)!
    const member = (found.get ? 'get' : 'value') as 'get'
    found[member]!.call(value)
    return true
  } catch {
    return false
  }
}

/** The same, and cheap for values of other classes: those of subclasses count if they have its tag. */
export const isOf = (name: string, key: string, value: unknown): boolean =>
  classTag(value) === name && hasSlot(name, key, value)

/** Whether it is an error of any JavaScript realm. */
export const isError = (value: unknown): value is Error =>
  value instanceof Error || /^(?:Error|DOMException)$/.test(classTag(value))
