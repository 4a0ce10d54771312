import { ActorError } from '../ground/errors.js'
import type { Call } from './call.js'

/** How a call ended, as `Promise.allSettled` says it. */
export type CallOutcome =
  | { readonly status: 'fulfilled'; readonly value: unknown }
  | { readonly status: 'rejected'; readonly reason: unknown }

/** Hooks around the methods of actors. Each hook may be async. */
export interface Interceptor<A extends object = object> {
  /**
   * Called first. If it returns a value other than `undefined`, or a promise of one, that is the result of the call and
   * the method does not run. If it throws, the call fails with that and the method does not run.
   */
  before?(call: Call<A>): unknown
  /**
   * Called instead of the method. `next()` runs what is inside, returns what that returns, and may be called once. What
   * the hook returns is the result.
   */
  around?(call: Call<A>, next: () => unknown): unknown
  /**
   * Called once, with the outcome; for a generator when it has ended. What it returns is awaited and not used. What it
   * throws becomes the failure of the call.
   */
  after?(call: Call<A>, outcome: CallOutcome): unknown
  /** Tags for the methods that it is on. */
  readonly tags?: readonly string[]
  /** Methods that it is about: `intercept` throws `malformed` for a class that lacks one. */
  readonly expects?: readonly string[]
}

export const HOOKS = ['before', 'around', 'after'] as const

/** Throws `malformed`. */
export function checkHooks(hooks: Interceptor): void {
  const isObject = (typeof hooks === 'object' && hooks !== null) || typeof hooks === 'function'
  if (!isObject) throw new ActorError('malformed', 'an interceptor is an object with before, after or around')
  const named = HOOKS.filter((name) => hooks[name] !== undefined)
  const wrong = named.find((name) => typeof hooks[name] !== 'function')
  if (wrong) throw new ActorError('malformed', `'${wrong}' of an interceptor must be a function`)
  if (named.length === 0 && !hooks.tags)
    throw new ActorError('malformed', 'an interceptor has before, after or around, or tags')
}
