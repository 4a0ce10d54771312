import { Ask, type AskOptions, callOf, checkAskOptions, launch, type Origin, passedOn } from '../message/ask.js'
import { CallPromise } from '../message/call-promise.js'
import { platformEnv } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import { asking, refOf, methods, requireRef } from './proxy.js'
import type { Home, Ref } from '../message/ref.js'

interface From extends Origin {
  readonly home: Home
}

/**
 * The methods of a proxy, or of what a promise will bring. Calls of what a call over a link will bring leave at once;
 * any other promise is awaited first.
 */
export function askingOf(target: unknown, options: AskOptions | undefined, from?: From): object {
  if (refOf(target) || !isPromise(target)) return asking(requireRef(target), options, from)
  // Whoever asks need not await the promise as well.
  target.then(undefined, () => {})
  const call = callOf(target)
  const promised = call?.holder?.promised?.(call) as Ref | undefined
  if (promised) return asking(promised, options, from)
  const checked = checkAskOptions(options)
  return methods(
    target,
    (method) =>
      (...args) =>
        sendLater(target, method, args, checked, from),
  )
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { readonly then?: unknown }).then === 'function'

/** Errors of calls that followed a failed one: their cause is the error of the first. */
const FOLLOWING = new WeakSet<ActorError>()

/** A call of what a promise brings once it has: its time counts from now, and its chain and its sender are those of now. */
function sendLater(
  promise: PromiseLike<unknown>,
  method: string,
  args: readonly unknown[],
  options: AskOptions | undefined,
  from: From | undefined,
): Promise<unknown> {
  // Nobody can tell yet whose call it is, unless it is an actor's.
  const env = from?.home.env ?? platformEnv
  const current = from?.current
  const start = env.now()
  const timeout = options?.timeout ?? from?.home.timeout ?? Infinity
  const ends = Math.min(start + timeout, current?.deadline ?? Infinity)
  const ask = new Ask(method, args, from?.actor, ends, passedOn(current, options?.key), true)
  ask.signed = from !== undefined
  current?.calls(ask)
  const call = ask.promise as CallPromise
  const near = from?.home ?? (promise instanceof CallPromise ? promise.callee?.home : undefined)
  call.callee = { home: near, address: { path: 'the result of a promise' } }
  if (options) ask.boundBy(options, () => call.callee!.home)
  const timer =
    ends === Infinity || ask.settled ? undefined : env.setTimer(() => env.defer(() => ask.expire()), ends - start)
  ask.onSettling(() => env.clearTimer(timer))
  promise.then(
    (value) => {
      env.clearTimer(timer)
      if (ask.settled) return
      const ref = refOf(value)
      if (!ref)
        return ask.fail(
          new ActorError('malformed', `${method}() needs a proxy, and the promise resolved to something else`),
        )
      const { home } = ref
      call.callee = ref.callee
      const left = ends === Infinity && options?.timeout === undefined ? home.timeout : ends - env.now()
      const now = (home.time = home.env.now())
      ask.deadline = now + left
      launch(ask, ref, now)
    },
    (error: unknown) => {
      const cause = FOLLOWING.has(error as ActorError) ? (error as ActorError).cause : error
      const reason = new ActorError('unreachable', `the promise of the proxy for ${method}() was rejected`, { cause })
      FOLLOWING.add(reason)
      ask.fail(reason)
    },
  )
  return call
}
