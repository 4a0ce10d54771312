// As it is when this is loaded: tests may put a fake one in its place. Not imported: browsers load this file, too.
const { setImmediate } = globalThis as unknown as { setImmediate(this: void, fn: () => void): unknown }

/** Calls `fn` when all has been sent that was to leave with this turn, or with the next. Never resolves. In Node. */
export const afterTurn = (fn: () => void): Promise<never> =>
  new Promise(() => setImmediate(() => setImmediate(() => fn())))
