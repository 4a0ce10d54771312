declare const gc: ((options?: { type: 'major'; execution: 'async' }) => unknown) | undefined
declare const setTimeout: (fn: () => void, ms: number) => unknown

/** Whether this realm can be told to collect its garbage: `--expose-gc`. */
export const canCollect = (): boolean => typeof gc === 'function'

/** Collects until `done`; fails after 10 s. What is to be collected must not be on the stack of the caller. */
export async function collectUntil(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await done()); tries++) {
    if (tries === 200) throw new Error('it was not collected within 10 s')
    // A task of its own: a reference that was looked at stays until the end of its task.
    await new Promise<void>((resolve) => setTimeout(resolve, tries < 10 ? 0 : 50))
    await gc!({ type: 'major', execution: 'async' })
  }
}
