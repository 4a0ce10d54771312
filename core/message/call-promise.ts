import { platformEnv } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import type { Callee } from './ref.js'

declare const console: { error(...data: unknown[]): void }

/** Turns the promise of a stream into an async iterable. */
export function iterateResult(this: Promise<unknown>): AsyncIterator<unknown> {
  let opened: Promise<AsyncIterator<unknown>> | undefined
  const open = (): Promise<AsyncIterator<unknown>> =>
    (opened ??= this.then((value) => {
      const iterable = value as AsyncIterable<unknown> | undefined
      if (typeof iterable?.[Symbol.asyncIterator] !== 'function') {
        throw new TypeError('[troupe] the result is not a stream: await the call instead')
      }
      return iterable[Symbol.asyncIterator]()
    }))
  const { callee } = this as CallPromise
  const step = (move: 'next' | 'return', value?: unknown): Promise<IteratorResult<unknown>> =>
    noticed(
      open().then((steps) => steps[move]?.(value) ?? { done: true, value }),
      move,
      callee,
    )
  return { next: () => step('next'), return: (value) => step('return', value) }
}

/** The promise of a call that knows whether any code used it. */
export class CallPromise extends Promise<unknown> {
  isTaken = false
  callee: Callee | undefined = undefined
}
void Object.defineProperties(CallPromise.prototype, {
  [Symbol.asyncIterator]: { value: iterateResult },
  /**
   * `await`, `then` and the functions of Promise all ask a promise for its constructor first. To override `then` would
   * miss `await`, and to define the property on each promise would slow down all promises of the realm.
   */
  constructor: {
    get(this: CallPromise) {
      this.isTaken = true
      return Promise
    },
  },
})

/**
 * The same for a promise that no code has seen yet, and that may be rejected already. Takes that of an `Ask` only if it is
 * settled. Returns the promise: unchanged if there is no callee.
 */
export function noticed<T>(promise: Promise<T>, method: string, callee: Callee | undefined): Promise<T> {
  if (!callee) return promise
  Object.setPrototypeOf(promise, CallPromise.prototype)
  promise.catch((error: unknown) => logIfUntaken(promise as Promise<unknown> as CallPromise, error, method))
  return Object.assign(promise, { callee, isTaken: false })
}

/**
 * Logs the error of a call that fails if no code uses its promise, so that it is no unhandled rejection. Must be called
 * before the promise is rejected.
 */
export function logIfUntaken(promise: CallPromise, error: unknown, method: string): void {
  if (promise.isTaken) return
  promise.catch(() => {})
  promise.isTaken = false
  // The caller aborted it.
  if (error instanceof ActorError && error.code === 'aborted') return
  const { home, address } = promise.callee!
  const { path } = address
  // Not before the platform looks for unhandled rejections.
  ;(home?.env ?? platformEnv).defer(() => {
    if (promise.isTaken) return
    const isLost = error instanceof ActorError && error.ran === 'no'
    if (!home) console.error(`[troupe] ${method}() to ${path} failed, and no caller awaits it`, error)
    else if (isLost) home.lost(error, `${method}() to ${path}`)
    else home.report(error, method ? `${path}.${method}()` : path)
  })
}
