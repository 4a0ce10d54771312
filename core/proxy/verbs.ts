import type { Address } from '../ground/address.js'
import { type AskOptions, checkAskOptions, sendAsk } from '../message/ask.js'
import { ActorError } from '../ground/errors.js'
import { checkStopOptions, type StopOptions } from '../message/stop-options.js'
import { askingOf } from './later.js'
import { noticed } from '../message/call-promise.js'
import { PropertyAsk } from '../message/property.js'
import type { Ref } from '../message/ref.js'
import { control } from '../message/request.js'
import { refOf, requireRef, telling, type TellOptions } from './proxy.js'
import type { Asking, Property, Proxy, Readable, Storing, Telling, Writable } from './proxy-types.js'
import type { ActorInfo } from './actor-info.js'

/** Milliseconds in which a realm answers that it stopped an actor. */
const GRACE = 5_000

/**
 * Calls the actor's methods with a time limit or an `AbortSignal`. Both reach the handler as `context.deadline` and
 * `context.signal`.
 *
 * Takes a proxy, or the promise of one. If that is the promise of a call over a link, calls on it leave at once, right
 * after that call, so that both take one round trip. If the first call fails, the others reject with `unreachable` and
 * its error as cause. Any other promise is awaited first.
 *
 * Returns an object with the proxy's methods. Besides the errors of a plain call, theirs reject with `timeout` and
 * `aborted`. Throws `malformed` for wrong options.
 *
 * ```ts
 * await ask(counter, { timeout: 500, signal }).increment()
 * await ask(ask(factory.make()).child()).value() // one round trip
 * ```
 */
export const ask = <A>(proxy: Proxy<A> | PromiseLike<Proxy<A>>, options?: AskOptions): Asking<A> =>
  askingOf(proxy, options) as Asking<A>

/**
 * Sends one-way messages, in order with calls. Returns an object with the proxy's methods, which return nothing.
 * Errors go to the log of the actor's dispatcher; a message that can't be delivered is a dead letter.
 *
 * With `{ ack: 'stored' }` the methods return a promise, which resolves once a durable actor has stored the message. It is
 * handled even if the actor's process ends before that. Rejects with `stored-failed` if the actor is not durable or its
 * store fails, and as a call does if the message can't be delivered.
 */
export function tell<A>(proxy: Proxy<A>, options: TellOptions & { readonly ack: 'stored' }): Storing<A>
export function tell<A>(proxy: Proxy<A>, options?: TellOptions): Telling<A>
export function tell<A>(proxy: Proxy<A>, options?: TellOptions): Telling<A> | Storing<A> {
  return telling(requireRef(proxy), options) as Telling<A> | Storing<A>
}

/**
 * Reads a property that the actor's class names in `static exposed`, in order with calls. A getter runs in the actor,
 * and a promise is awaited there.
 *
 * Takes the name, and the options of `ask`. Resolves to the value. Rejects as a call does: with `not-exposed` for any
 * other name, and with what the getter throws.
 */
export function read<A, K extends keyof A & string>(
  proxy: Proxy<A>,
  name: K & Readable<A, K>,
  options?: AskOptions,
): Promise<Property<A[K]>> {
  return access(proxy, name, [], options)
}

/**
 * Sets a property that the actor's class names in `static exposed`, in order with calls.
 *
 * Takes the name, the value, and the options of `ask`. Resolves when the property is set. Rejects as a call does: with
 * `not-exposed` for any other name, with what the setter throws, and with a TypeError if the property is read-only.
 */
export function write<A, K extends keyof A & string>(
  proxy: Proxy<A>,
  name: K & Writable<A, K>,
  value: A[K],
  options?: AskOptions,
): Promise<void> {
  return access(proxy, name, [value], options)
}

const access = <T>(proxy: unknown, name: unknown, args: unknown[], options?: AskOptions): Promise<T> =>
  withRef(proxy, String(name), (ref) => {
    if (typeof name !== 'string')
      throw new ActorError('malformed', `the name of a property must be a string, not ${typeof name}`)
    return sendAsk(ref, name, args, checkAskOptions(options), undefined, PropertyAsk)
  })

/** Does something with the actor of a proxy. Its failure is logged as a call's is, if no code uses the promise. */
const withRef = <T>(proxy: unknown, verb: string, work: (ref: Ref) => Promise<unknown>): Promise<T> =>
  noticed((async () => work(requireRef(proxy)) as Promise<T>)(), verb, refOf(proxy)?.callee)

/**
 * Stops the actor. By default it handles the messages in its mailbox first. While it does, an actor with
 * `static concurrency` above 1 still takes new messages, since its handlers may wait for them.
 *
 * Takes `mode` (`drain` unless given), `timeout` (ms) and `reason`. Resolves when the actor has ended. Rejects with
 * `malformed`, with `unauthorized` if the actor belongs to another peer, and with `unreachable`.
 *
 * It resolves at once if a handler that has to end first calls it before its first `await`: a handler of the actor
 * itself or of one of its children, or one that such a handler waits for. After an `await`, use `context.stop()`
 * instead.
 */
export const stop = (proxy: Proxy<unknown>, options?: StopOptions): Promise<void> =>
  withRef(proxy, 'stop', (ref) => control(ref, 'stop', checkStopOptions(options), timeOf(ref, options)))

/** Milliseconds that a stop has: one with a timeout is over then, and a realm elsewhere has to say so. */
function timeOf({ home, actual }: Ref, { timeout }: StopOptions = {}): number {
  if (timeout === undefined) return home.timeout
  return actual.address.realm === home.id ? Infinity : timeout + Math.min(home.timeout, GRACE)
}

/**
 * Ends the actor at once, as a crash would. Calls that it has not answered reject with `stopped`.
 *
 * Takes `timeout` (ms) and `reason`. Resolves when the actor has ended. Rejects as `stop` does.
 */
export const kill = (proxy: Proxy<unknown>, options?: Omit<StopOptions, 'mode'>): Promise<void> =>
  withRef(proxy, 'kill', (ref) => control(ref, 'kill', checkStopOptions(options)))

/**
 * Measures a round trip to the actor's realm. It is answered while the actor is busy or suspended.
 *
 * Resolves to the time in ms. Rejects with `stopped`, `not-found` or `unreachable` if the actor is gone.
 */
export const ping = (proxy: Proxy<unknown>): Promise<number> =>
  withRef(proxy, 'ping', async (ref) => {
    const start = ref.home.env.now()
    await control(ref, 'ping')
    return ref.home.env.now() - start
  })

/** Whether the actor exists and its realm answers. Resolves to a boolean and never rejects. */
export async function isAlive(proxy: Proxy<unknown>): Promise<boolean> {
  return ping(proxy).then(
    () => true,
    () => false,
  )
}

/**
 * Tells the state of an actor. It is answered while the actor is busy or suspended.
 *
 * Rejects with `unauthorized` if the actor belongs to another peer, and as `ping` does if it is gone.
 */
export const info = (proxy: Proxy<unknown>): Promise<ActorInfo> => withRef(proxy, 'info', (ref) => control(ref, 'info'))

/**
 * Holds the actor's mailbox: messages wait until `resume`, also across restarts.
 *
 * Resolves when the actor is suspended. Rejects as `stop` does.
 */
export const suspend = (proxy: Proxy<unknown>): Promise<void> =>
  withRef(proxy, 'suspend', (ref) => control(ref, 'suspend'))

/**
 * Lets a suspended actor go on with the messages that wait.
 *
 * Resolves when it runs. Rejects as `stop` does, and with `start-failed` if the actor had not started yet and
 * `onStart` throws.
 */
export const resume = (proxy: Proxy<unknown>): Promise<void> =>
  withRef(proxy, 'resume', (ref) => control(ref, 'resume'))

/** Whether both proxies stand for the same actor. Throws `malformed` for anything that is no proxy. */
export const same = (a: Proxy<unknown>, b: Proxy<unknown>): boolean =>
  requireRef(a).actual.key === requireRef(b).actual.key

/**
 * The actor's id, name, path, kind and realm, known without a message. Throws `malformed` for anything that is no
 * proxy.
 */
export const address = (proxy: Proxy<unknown>): Address => requireRef(proxy).actual.address
