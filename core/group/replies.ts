import { aborter, onAbort } from '../ground/abort.js'
import { Deferred } from '../ground/deferred.js'
import type { Env } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import { leavable } from '../ground/leavable.js'
import { type AskOptions, sendAsk } from '../message/ask.js'
import type { Ref } from '../message/ref.js'
import { borrow } from '../proxy/proxy.js'
import type { Proxy } from '../proxy/proxy-types.js'

/** What came of a call at one member, as `Promise.allSettled` tells it. */
export type Reply<A, T> =
  | { readonly member: Proxy<A>; readonly status: 'fulfilled'; readonly value: T }
  | { readonly member: Proxy<A>; readonly status: 'rejected'; readonly reason: unknown }

/** The replies of all members to one call, in the order in which they come. */
export interface Replies<A, T> extends AsyncIterableIterator<Reply<A, T>> {
  /**
   * The number of members that were called, before the first reply. Rejects with `empty-group` if there are none, and with
   * `timeout` or `aborted` if it took too long to ask servers for them.
   */
  readonly expected: Promise<number>
}

/**
 * Calls a method of each member, and yields what comes of it. Who reads no further aborts what still runs. `begin` takes the
 * function that calls one member, and returns or resolves to the number of calls, or throws.
 */
export function callAll(
  env: Env,
  method: string,
  args: readonly unknown[],
  { timeout, signal }: AskOptions,
  begin: (call: (ref: Ref) => void) => number | Promise<number>,
): Replies<unknown, unknown> {
  const end = aborter()
  const undo = signal && onAbort(signal, () => end.abort(signal.reason))
  if (signal?.aborted) end.abort(signal.reason)
  const ready: Reply<unknown, unknown>[] = []
  let open = 0
  let isLeft = false
  let wake = (): void => {}
  const call = (ref: Ref): void => {
    const member = borrow(ref) as Proxy<unknown>
    const settled = (reply: Reply<unknown, unknown>): void => {
      if (--open === 0) undo?.()
      ready.push(reply)
      wake()
    }
    open++
    sendAsk(ref, method, args, { signal: end.signal, ...(timeout !== undefined && { timeout }) }).then(
      (value) => settled({ member, status: 'fulfilled', value }),
      (reason: unknown) => settled({ member, status: 'rejected', reason }),
    )
  }
  const expected = bounded(env, method, timeout, end, () => begin(call))
  // Who iterates need not await it as well.
  expected.catch(() => undo?.())
  async function* replies(): AsyncGenerator<Reply<unknown, unknown>, void, undefined> {
    try {
      for (let left = await expected; left > 0; left--) {
        while (ready.length === 0) await new Promise<void>((resolve) => (wake = resolve))
        yield ready.shift()!
      }
    } catch (error) {
      if (!isLeft) throw error
    } finally {
      if (open > 0) end.abort()
    }
  }
  const leave = (): void => {
    isLeft = true
    end.abort()
  }
  return Object.assign(leavable(replies(), leave), { expected })
}

/** What `begin` brings. If it has to wait, then no longer than `timeout`, and until `end` fires. */
async function bounded(
  env: Env,
  method: string,
  timeout: number | undefined,
  end: ReturnType<typeof aborter>,
  begin: () => number | Promise<number>,
): Promise<number> {
  const count = begin()
  if (!(count instanceof Promise)) return count
  const late = new Deferred<never>()
  const undo = onAbort(end.signal, () => late.reject(new ActorError('aborted', `the caller aborted ${method}()`)))
  const expire = (): void => {
    late.reject(new ActorError('timeout', `${method}() timed out`))
    // What is found later is not called.
    end.abort()
  }
  const timer = timeout === undefined ? undefined : env.setTimer(expire, timeout)
  try {
    return await Promise.race([count, late.promise])
  } finally {
    undo()
    env.clearTimer(timer)
  }
}
