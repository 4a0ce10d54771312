import { ActorError } from '../ground/errors.js'
import type { Ref } from './ref.js'

const TAKEN = Symbol('taken')

type Noticed = Promise<unknown> & { [TAKEN]?: true }

/**
 * `await`, `then` and the functions of Promise all ask a promise for its constructor first. To override `then` would
 * miss `await`, and to define the property on each promise would slow down all promises of the realm.
 */
const noticing = Object.create(Promise.prototype, {
  constructor: {
    get(this: Noticed) {
      this[TAKEN] = true
      return Promise
    },
  },
}) as object

/**
 * Logs the error of a call if no code uses its promise, so that it is no unhandled rejection. Must be called before the
 * caller gets the promise.
 */
export function logIfUntaken(promise: Noticed, ref: Ref, method: string): void {
  if (Object.getPrototypeOf(promise) === noticing) return
  promise.catch((error: unknown) => {
    if (promise[TAKEN]) return
    const { home, address } = ref
    // As late as the platform looks for unhandled rejections.
    home.env.setTimer(() => {
      if (promise[TAKEN]) return
      if (error instanceof ActorError && error.ran === 'no') home.lost(error, `${method}() to ${address.path}`)
      else home.report(error, `${address.path}.${method}()`)
    }, 0)
  })
  Object.setPrototypeOf(promise, noticing)
}
