import { isPromiseLike } from '../ground/promise-like.js'
import type { CallOutcome } from './hooks.js'

/** Where code runs that goes on later. */
export interface Scope {
  within(work: () => unknown): unknown
}

/**
 * Goes on with the outcome of `work`: at once, or within `scope` when it is there. A `then` is called by `Promise.resolve`
 * only: what others wrote calls back twice, or returns nothing.
 */
export function settled(work: () => unknown, then: (outcome: CallOutcome) => unknown, scope?: Scope): unknown {
  let value: unknown
  try {
    value = work()
  } catch (reason) {
    return then({ status: 'rejected', reason })
  }
  if (!isPromiseLike(value)) return then({ status: 'fulfilled', value })
  const later = (outcome: CallOutcome): unknown => (scope ? scope.within(() => then(outcome)) : then(outcome))
  return Promise.resolve(value).then(
    (result) => later({ status: 'fulfilled', value: result }),
    (reason: unknown) => later({ status: 'rejected', reason }),
  )
}

/** Throws the reason where there is no value. */
export function valueOf(outcome: CallOutcome): unknown {
  if (outcome.status === 'rejected') throw outcome.reason
  return outcome.value
}

/** Goes on with `outcome` when `first` has come to its end: at once if it is no promise. */
export const outcomeAfter = (first: unknown, outcome: CallOutcome): unknown =>
  isPromiseLike(first) ? Promise.resolve(first).then(() => valueOf(outcome)) : valueOf(outcome)
