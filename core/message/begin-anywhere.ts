// As begin-at-caller.ts, in the build for bundlers: errors have no prose there, and lines are not those of the source.
export const isBeingSent = (_call: object | undefined): void => {}
export const beginAtCaller = (_call: object, _error: unknown, _send: unknown): void => {}
