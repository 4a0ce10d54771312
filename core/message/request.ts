import { isPromiseLike } from '../ground/promise-like.js'
import { Ask } from './ask.js'
import type { Message } from './message.js'
import type { Home, Ref, Verb } from './ref.js'

/**
 * A request that is no message to an actor, such as `spawn`. It settles as a call does: by its outcome, its deadline, or
 * the end of the link that carries it. The handler that makes it waits for it.
 */
export function requestOf(home: Home, verb: string, args: readonly unknown[], timeout = home.timeout): Ask {
  const { current } = home
  const now = timeout === Infinity ? 0 : (home.time = home.env.now())
  const request = new Ask(verb, args, undefined, now + timeout, current?.extensions)
  if (current) request.node.parent = current
  if (timeout !== Infinity) home.deadlines.add(request, now)
  return request
}

/** Asks for something to be done with an actor. */
export function control(ref: Ref, verb: Verb, options?: unknown, timeout?: number): Promise<unknown> {
  const request = requestOf(ref.home, verb, [options], timeout)
  ref.control(request)
  return request.promise
}

/**
 * Runs what a message asks for outside any mailbox, and settles the message with what comes of it: with what `told` makes
 * of an error. `over` is called after that. Calls that `work` makes before it first waits are made by the message's handler.
 */
export function answer(
  home: Home,
  message: Message,
  work: () => unknown,
  told = (error: unknown): unknown => error,
  over?: () => void,
): void {
  const outer = home.current
  const succeeded = (value: unknown): void => {
    message.done(value)
    over?.()
  }
  const failed = (error: unknown): void => {
    message.fail(told(error))
    over?.()
  }
  message.started = true
  home.current = message
  try {
    const result = work()
    if (isPromiseLike(result)) result.then(succeeded, failed)
    else succeeded(result)
  } catch (error) {
    failed(error)
  } finally {
    home.current = outer
  }
}
