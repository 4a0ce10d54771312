import { type Ask, type AskOptions, callOf, launch, type Origin } from '../message/ask.js'
import { CallPromise } from '../message/call-promise.js'
import { Deadlines } from '../ground/deadlines.js'
import { platformEnv } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import { isPromiseLike } from '../ground/promise-like.js'
import { asking, refOf, requireRef } from './proxy.js'
import type { Callee, Home, Ref } from '../message/ref.js'

interface From extends Origin {
  readonly home: Home
}

/**
 * The methods of a proxy, or of what a promise will bring. Calls of what a call over a link will bring leave at once;
 * any other promise is awaited first.
 */
export function askingOf(target: unknown, options: AskOptions | undefined, from?: From): object {
  if (refOf(target) || !isPromiseLike(target)) return asking(requireRef(target), options, from)
  // Whoever asks need not await the promise as well.
  target.then(undefined, () => {})
  const call = callOf(target)
  const promised = call?.holder?.promised?.(call) as Ref | undefined
  return asking(promised ?? (new Later(target, options, from) as Partial<Ref> as Ref), options, from)
}

/** Errors of calls that followed a failed one: their cause is the error of the first. */
const FOLLOWING = new WeakSet<ActorError>()

/** Where a call is as long as nobody can tell whose it is. */
let nowhere: Pick<Home, 'env' | 'deadlines' | 'timeout' | 'current'> | undefined

/**
 * The actor that a promise will bring, as far as it takes that to send a call. The call is made at once: its time counts from
 * then, and its chain and its sender are those of then.
 */
class Later {
  readonly home: Home
  readonly callee: Callee
  readonly isElsewhere = true
  readonly defaultTimeout = Infinity
  readonly #promise: PromiseLike<unknown>
  readonly #hasTimeout: boolean

  constructor(promise: PromiseLike<unknown>, options: AskOptions | undefined, from: From | undefined) {
    nowhere ??= { env: platformEnv, deadlines: new Deadlines(platformEnv), timeout: Infinity, current: undefined }
    this.home = from?.home ?? (nowhere as Home)
    const home = from?.home ?? (promise instanceof CallPromise ? promise.callee?.home : undefined)
    this.callee = { home, address: { path: 'the result of a promise' } }
    this.#promise = promise
    this.#hasTimeout = options?.timeout !== undefined
  }

  deliver(ask: Ask): void {
    const { method } = ask
    this.#promise.then(
      (value) => {
        if (ask.settled) return
        const ref = refOf(value)
        if (!ref) {
          const text = `${method}() needs a proxy, and the promise resolved to something else`
          return ask.fail(new ActorError('malformed', text))
        }
        ask.list?.remove(ask)
        ;(ask.promise as CallPromise).callee = ref.callee
        const { home } = ref
        const left = ask.isTimed || this.#hasTimeout ? ask.deadline - this.home.env.now() : home.timeout
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
  }
}
