import { ActorError } from '../ground/errors.js'
import { unawaited } from '../ground/unawaited.js'
import type { LogEntry } from '../realm/realm-events.js'
import { type Call, realmOf } from './call.js'
import type { CallOutcome } from './hooks.js'
import { interceptor, type InterceptorDecorator } from './interceptor.js'

/**
 * Measures how long calls take, from the moment that the message is handled; for a generator until that has ended.
 *
 * Takes a function that is called with the call, the time in milliseconds on the dispatcher's clock, and the outcome.
 * Without one, the time is written to the dispatcher's log. What the function throws goes to the log; the call is not
 * changed. Throws `malformed` for anything but a function.
 */
export function timing(report: (call: Call, ms: number, outcome: CallOutcome) => unknown = log): InterceptorDecorator {
  if (typeof report !== 'function') throw new ActorError('malformed', 'timing takes a function')
  const begun = new WeakMap<Call, number>()
  return interceptor({
    before(call) {
      begun.set(call, realmOf(call).env.now())
    },
    after(call, outcome) {
      const realm = realmOf(call)
      const failed = (error: unknown): void => realm.report(error, `an interceptor of ${call.method}()`)
      try {
        unawaited(report(call, realm.env.now() - begun.get(call)!, outcome), failed)
      } catch (error) {
        failed(error)
      }
    },
  })
}

/**
 * Writes a line to the log for each call when it has ended: the actor's path, the method, how it ended and how long it
 * took, and no arguments or results.
 *
 * Takes a function that gets the entry, and the call. Without one, the entry goes to the dispatcher's log. Its `level`
 * is `info`, or `warn` with the `error` if the call failed. Throws `malformed` for anything but a function.
 */
export function logging(write?: (entry: LogEntry, call: Call) => unknown): InterceptorDecorator {
  if (write !== undefined && typeof write !== 'function') throw new ActorError('malformed', 'logging takes a function')
  return timing((call, ms, outcome) => {
    const entry = entryOf(call, ms, outcome)
    return write ? write(entry, call) : realmOf(call).log(entry)
  })
}

function log(call: Call, ms: number, outcome: CallOutcome): void {
  realmOf(call).log(entryOf(call, ms, outcome))
}

function entryOf({ address, method }: Call, ms: number, outcome: CallOutcome): LogEntry {
  const isFailed = outcome.status === 'rejected'
  return {
    level: isFailed ? 'warn' : 'info',
    text: `[troupe] ${address.path} ${method}() ${isFailed ? 'failed' : 'succeeded'} after ${Math.round(ms)} ms`,
    error: isFailed ? outcome.reason : undefined,
  }
}
