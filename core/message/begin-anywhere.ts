/** As `beginAtCaller`, in the build for bundlers: errors have no prose there, and lines are not those of the source. */
export const beginAtCaller = (_error: unknown, _send: unknown): void => {}
