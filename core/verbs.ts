import type { Address } from './address.js'
import type { AskOptions } from './ask.js'
import type { StopOptions } from './stop-options.js'
import { asking, requireRef, telling } from './proxy.js'
import type { Asking, Proxy, Telling } from './proxy-types.js'

/** The proxy's methods, each call with a deadline or an AbortSignal that reach the actor. */
export const ask = <A>(proxy: Proxy<A>, options?: AskOptions): Asking<A> =>
  asking(requireRef(proxy), options) as Asking<A>

/** The proxy's methods one way: sent in order, nothing comes back, errors go to the log there. */
export const tell = <A>(proxy: Proxy<A>): Telling<A> => telling(requireRef(proxy)) as Telling<A>

/** Stops the actor: by default once its mailbox is done. Resolves when it is gone. */
export async function stop(proxy: Proxy<unknown>, options?: StopOptions): Promise<void> {
  await requireRef(proxy).control('stop', options)
}

/** Ends the actor at once; what it was doing settles as `stopped`. */
export async function kill(proxy: Proxy<unknown>, options?: Omit<StopOptions, 'mode'>): Promise<void> {
  await requireRef(proxy).control('kill', options)
}

/** Resolves with the milliseconds that a round trip to the actor's realm takes; rejects if the actor is gone. */
export async function ping(proxy: Proxy<unknown>): Promise<number> {
  const ref = requireRef(proxy)
  const start = ref.home.env.now()
  await ref.control('ping')
  return ref.home.env.now() - start
}

/** Whether both proxies stand for the same actor. */
export const same = (a: Proxy<unknown>, b: Proxy<unknown>): boolean => requireRef(a).key === requireRef(b).key

/** What identifies the actor; known without asking it. */
export const address = (proxy: Proxy<unknown>): Address => requireRef(proxy).address
