import { platformEnv } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import type { Callee } from './ref.js'

declare const console: { error(...data: unknown[]): void }

/** The promise of a call. It knows whether any code used it, and is an async iterable of the stream that it brings. */
export class CallPromise extends Promise<unknown> {
  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    let opened: Promise<AsyncIterator<unknown>> | undefined
    const open = (): Promise<AsyncIterator<unknown>> =>
      (opened ??= this.then((value) => {
        const iterable = value as AsyncIterable<unknown> | undefined
        if (typeof iterable?.[Symbol.asyncIterator] !== 'function') {
          throw new TypeError(
            '[troupe] the result is not a stream: the method is not a generator; await the call instead',
          )
        }
        return iterable[Symbol.asyncIterator]()
      }))
    return {
      next: async () => (await open()).next(),
      return: async (value) => (await (await open()).return?.(value)) ?? { done: true, value },
    }
  }

  isTaken = false
}

/**
 * `await`, `then` and the functions of Promise all ask a promise for its constructor first. To override `then` would
 * miss `await`, and to define the property on each promise would slow down all promises of the realm.
 */
Reflect.defineProperty(CallPromise.prototype, 'constructor', {
  get(this: CallPromise) {
    this.isTaken = true
    return Promise
  },
})

/**
 * Logs the error of a call that fails if no code uses its promise, so that it is no unhandled rejection. Must be called
 * before the promise is rejected. There is no address if a promise did not bring the proxy that was to be called.
 */
export function logIfUntaken(
  promise: CallPromise,
  error: unknown,
  method: string,
  { home, address }: Partial<Callee> = {},
): void {
  if (promise.isTaken) return
  promise.catch(() => {})
  promise.isTaken = false
  const path = address?.path ?? 'the result of a promise'
  // Not before the platform looks for unhandled rejections.
  ;(home?.env ?? platformEnv).defer(() => {
    if (promise.isTaken) return
    const isLost = error instanceof ActorError && error.ran === 'no'
    if (!home) console.error(`[troupe] ${method}() to ${path} failed, and no caller awaits it`, error)
    else if (isLost) home.lost(error, `${method}() to ${path}`)
    else home.report(error, `${path}.${method}()`)
  })
}
