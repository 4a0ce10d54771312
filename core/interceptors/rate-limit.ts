import { checkCount } from '../ground/check-count.js'
import { ActorError } from '../ground/errors.js'
import { unawaited } from '../ground/unawaited.js'
import type { Realm } from '../realm/realm.js'
import { type Call, realmOf } from './call.js'
import { interceptor, type InterceptorDecorator } from './interceptor.js'
import { isPromiseLike } from '../ground/promise-like.js'

/** The options of `rateLimit`. */
export interface RateLimitOptions {
  /** Calls that are let through in one period, for each key. */
  readonly calls: number
  /** Length of a period in milliseconds. */
  readonly per: number
  /**
   * Gives the key under which a call is counted, any value. It must not return a promise. All calls are counted together unless given.
   */
  readonly by?: (call: Call) => unknown
  /** Keys that are counted at a time. With one more, the oldest period is forgotten. 10,000 unless given. */
  readonly keys?: number
}

interface Period {
  readonly end: number
  left: number
}

/**
 * Limits how many calls are handled. One call more rejects with `overloaded`, and its method does not run.
 *
 * Takes the number of calls and the length of a period. A period begins with the first call, and the next one with the first
 * call after its end, on the dispatcher's clock. Each dispatcher counts for itself. Throws `malformed` for wrong
 * options.
 */
export function rateLimit(options: RateLimitOptions): InterceptorDecorator {
  if (typeof options !== 'object' || options === null) throw new ActorError('malformed', 'rateLimit takes an object')
  const { calls, per, by, keys = 10_000 } = options
  checkCount('calls', calls, 1)
  checkCount('keys', keys, 1)
  if (!(typeof per === 'number' && per > 0))
    throw new ActorError('malformed', "'per' of rateLimit must be a number of milliseconds above 0")
  if (by !== undefined && typeof by !== 'function')
    throw new ActorError('malformed', "'by' of rateLimit must be a function")
  const realms = new WeakMap<Realm, Map<unknown, Period>>()
  return interceptor({
    before(call) {
      const realm = realmOf(call)
      const now = realm.env.now()
      const key = by?.(call)
      // It may fail later.
      unawaited(key, () => {})
      if (isPromiseLike(key)) throw new ActorError('malformed', "'by' of rateLimit must not return a promise")
      let periods = realms.get(realm)
      if (!periods) realms.set(realm, (periods = new Map()))
      const period = periodOf(periods, key, now)
      if (period.left === 0)
        throw new ActorError(
          'overloaded',
          `the limit of calls within ${per} ms, ${calls}, is reached: ${call.method}() did not run`,
        )
      period.left--
    },
  })

  /** All periods are equally long, so they end in the order in which they began. */
  function periodOf(periods: Map<unknown, Period>, key: unknown, now: number): Period {
    for (const [each, { end }] of periods) {
      if (end > now && (periods.size < keys || periods.has(key))) break
      periods.delete(each)
    }
    let period = periods.get(key)
    if (!period) periods.set(key, (period = { end: now + per, left: calls }))
    return period
  }
}
