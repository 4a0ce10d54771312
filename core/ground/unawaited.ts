/** For what code of the user's returned, and nobody awaits: if that is a promise, `failed` gets its error. */
export function unawaited(result: unknown, failed: (error: unknown) => void): void {
  if (typeof result === 'object' && result !== null) Promise.resolve(result).catch(failed)
}
