/** Whether `value` has these methods, so that it can be what an adapter takes. */
export const has = (value: unknown, ...methods: readonly string[]): boolean =>
  methods.every((method) => typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function')

/** What was given where something else is expected: `'x.js'`, `undefined`, `number`, or `[object Promise]`. */
export function given(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'object' ? Object.prototype.toString.call(value) : typeof value
}
