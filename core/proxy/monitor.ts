import { Deferred } from '../ground/deferred.js'
import { ActorError } from '../ground/errors.js'
import { millisecondsOf } from '../ground/milliseconds.js'
import { control } from '../message/request.js'
import { requireRef } from './proxy.js'
import type { Proxy } from './proxy-types.js'

/** Watches for the end of one actor. Disposing it ends the watch. */
export interface Monitor extends Disposable {
  /**
   * Resolves to the reason when the actor has ended for good, or to an `ActorError` when it can't be reached. Never
   * rejects.
   */
  readonly down: Promise<unknown>
}

/**
 * Watches for the end of an actor, wherever it is. A restart is not an end.
 *
 * Returns a disposable with the promise `down`. Throws `malformed` for anything that is no proxy.
 */
export function monitor(proxy: Proxy<unknown>): Monitor {
  const { promise, resolve } = new Deferred<unknown>()
  const undo = requireRef(proxy).watch(resolve)
  return { down: promise, [Symbol.dispose ?? Symbol.for('Symbol.dispose')]: undo } as Monitor
}

/**
 * Waits for the end of an actor.
 *
 * Takes `timeout` in ms; without it, waits for ever. Resolves to the reason for which the actor ended, or to an
 * `ActorError` if it can't be reached. Rejects with `timeout`.
 */
export async function ended(proxy: Proxy<unknown>, options?: { readonly timeout?: number }): Promise<unknown> {
  const { env } = requireRef(proxy).home
  const timeout = millisecondsOf(options, 'timeout')
  const watch = monitor(proxy)
  if (timeout === undefined) return watch.down
  const late = new Deferred<never>()
  const error = new ActorError('timeout', `the actor did not end within ${timeout} ms`)
  const timer = env.setTimer(() => env.defer(() => late.reject(error)), timeout)
  try {
    return await Promise.race([watch.down, late.promise])
  } finally {
    env.clearTimer(timer)
    watch[Symbol.dispose ?? Symbol.for('Symbol.dispose')]()
  }
}

/**
 * Stops one of two actors, in the mode `now`, when the other one ends, and with the same reason.
 *
 * Returns a function that ends this. Throws `malformed` for anything that is no proxy.
 */
export function linkFates(a: Proxy<unknown>, b: Proxy<unknown>): () => void {
  const [one, other] = [requireRef(a), requireRef(b)]
  const end = (target: typeof one) => (reason: unknown) => {
    undo()
    // It may have ended already, or be out of reach.
    control(target, 'stop', { mode: 'now', reason }).catch(() => {})
  }
  const undos = [one.watch(end(other)), other.watch(end(one))]
  const undo = (): void => undos.forEach((each) => each())
  return undo
}
