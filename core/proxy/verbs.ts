import type { Address } from '../ground/address.js'
import { type AskOptions, checkAskOptions, sendAsk } from '../message/ask.js'
import { ActorError } from '../ground/errors.js'
import { checkStopOptions, type StopOptions } from '../message/stop-options.js'
import { askingOf } from './later.js'
import { PropertyAsk } from '../message/property.js'
import { requireRef, telling } from './proxy.js'
import type { Asking, Property, Proxy, Readable, Telling, Writable } from './proxy-types.js'
import type { ActorInfo } from './actor-info.js'

/**
 * The proxy's methods, each call with a deadline or an AbortSignal that reach the actor.
 *
 * Given the promise that a call over a link returned, calls leave at once, behind that one: what depends on each other
 * costs one round trip. Where the first fails, they fail with it as cause. Any other promise is awaited first.
 */
export const ask = <A>(proxy: Proxy<A> | PromiseLike<Proxy<A>>, options?: AskOptions): Asking<A> =>
  askingOf(proxy, options) as Asking<A>

/** The proxy's methods one way: sent in order, nothing comes back, errors go to the log there. */
export const tell = <A>(proxy: Proxy<A>): Telling<A> => telling(requireRef(proxy)) as Telling<A>

/**
 * The value of a property that the actor's class names in `static exposed`, in order with calls.
 * Getters run in the actor; a promise is awaited there.
 */
export async function read<A, K extends keyof A & string>(
  proxy: Proxy<A>,
  name: K & Readable<A, K>,
  options?: AskOptions,
): Promise<Property<A[K]>> {
  return (await access(proxy, name, [], options)) as Property<A[K]>
}

/**
 * Sets a property that the actor's class names in `static exposed`, in order with calls. Resolves when it is done;
 * rejects with what a setter throws, and with a TypeError where there is none.
 */
export async function write<A, K extends keyof A & string>(
  proxy: Proxy<A>,
  name: K & Writable<A, K>,
  value: A[K],
  options?: AskOptions,
): Promise<void> {
  await access(proxy, name, [value], options)
}

function access(proxy: unknown, name: unknown, args: unknown[], options?: AskOptions): Promise<unknown> {
  if (typeof name !== 'string')
    throw new ActorError('malformed', `a property has a string as its name, not ${typeof name}`)
  return sendAsk(requireRef(proxy), name, args, checkAskOptions(options), undefined, PropertyAsk)
}

/**
 * Stops the actor: by default once its mailbox is done. One whose handlers interleave takes messages while some are under
 * way, for what they may wait for. Resolves when it is gone; `timeout` bounds that.
 *
 * Called before any await by a handler that must end first (the actor's own, one of its children's, or one that waits for
 * such a one) it resolves at once. After an await nobody can tell whose handler it was: use `context.stop()` there.
 */
export async function stop(proxy: Proxy<unknown>, options?: StopOptions): Promise<void> {
  await requireRef(proxy).control('stop', checkStopOptions(options))
}

/** Ends the actor at once; what it was doing settles as `stopped`. */
export async function kill(proxy: Proxy<unknown>, options?: Omit<StopOptions, 'mode'>): Promise<void> {
  await requireRef(proxy).control('kill', checkStopOptions(options))
}

/** Resolves with the milliseconds that a round trip to the actor's realm takes; rejects if the actor is gone. */
export async function ping(proxy: Proxy<unknown>): Promise<number> {
  const ref = requireRef(proxy)
  const start = ref.home.env.now()
  await ref.control('ping')
  return ref.home.env.now() - start
}

/** Whether the actor is there and its realm answers. */
export async function isAlive(proxy: Proxy<unknown>): Promise<boolean> {
  return ping(proxy).then(
    () => true,
    () => false,
  )
}

/** What goes on in the actor; answered also while it is busy or suspended. */
export async function info(proxy: Proxy<unknown>): Promise<ActorInfo> {
  return (await requireRef(proxy).control('info')) as ActorInfo
}

/** The actor handles nothing more until it is resumed; what is sent to it waits. Restarts do not wake it. */
export async function suspend(proxy: Proxy<unknown>): Promise<void> {
  await requireRef(proxy).control('suspend')
}

/** The actor goes on with what waits. Rejects with `start-failed` if it has yet to start, and `onStart` throws. */
export async function resume(proxy: Proxy<unknown>): Promise<void> {
  await requireRef(proxy).control('resume')
}

/** Whether both proxies stand for the same actor. */
export const same = (a: Proxy<unknown>, b: Proxy<unknown>): boolean =>
  requireRef(a).actual.key === requireRef(b).actual.key

/** What identifies the actor; known without asking it. */
export const address = (proxy: Proxy<unknown>): Address => requireRef(proxy).actual.address
