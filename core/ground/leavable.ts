/**
 * An iterator whose `return` calls `leave` first: also before the first step, when a generator runs nothing, and while a step
 * waits, which `leave` is to end.
 */
export const leavable = <T>(
  steps: AsyncGenerator<T, void, undefined>,
  leave: () => void,
): AsyncIterableIterator<T> => ({
  next: () => steps.next(),
  return: () => {
    leave()
    return steps.return()
  },
  [Symbol.asyncIterator]() {
    return this
  },
})
