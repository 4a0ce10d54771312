// The room proxy: what users hold: proxies, their types, and the functions on them.
import { type AskOptions, checkAskOptions, type Origin, sendAsk, sendTell } from '../message/ask.js'
import { ASYNC_DISPOSE, DISPOSE } from '../ground/dispose.js'
import { ActorError } from '../ground/errors.js'
import { type Bound, type Ref, REF } from '../message/ref.js'
import { control } from '../message/request.js'
import { StoredTell } from '../message/stored.js'

const BOUND = new WeakMap<Bound, { readonly ref: Ref; readonly method: string; readonly among: unknown }>()
/** Methods of one actor that are the same function each time: peers name any. */
const MOST = 256
const SILENT = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'then',
  'toJSON',
  'asymmetricMatch',
  'nodeType',
  'tagName',
  'hasAttribute',
  '$$typeof',
])

/** Names that answer undefined: what runtimes, frameworks and tools probe for must not send messages. */
export const isSilent = (name: string): boolean => SILENT.has(name) || name.startsWith('_') || name.startsWith('@@')

/** Shared, and with no constructor of its own: libraries that copy plain objects leave a proxy as it is. */
const PROTOTYPE = Object.freeze({})

/** What a proxy answers to a symbol: its text and its tag are known without asking the actor. */
function answer(ref: Ref, symbol: symbol): unknown {
  if (symbol === REF) return ref[REF]
  if (symbol === Symbol.toPrimitive) return () => ref.toString()
  return symbol === Symbol.toStringTag ? 'Proxy' : undefined
}

/** A method of a proxy: the same function each time, able to travel. */
export function boundMethod(ref: Ref, name: string): Bound {
  const among = ref.boundMethods()
  let bound = among.get(name)
  if (!bound) {
    bound = (...args) => sendAsk(ref, name, args)
    if (among.size < MOST) among.set(name, bound)
    BOUND.set(bound, { ref, method: name, among })
  }
  return bound
}

/**
 * No own keys, never written to: safe in state trees and deep comparisons. What frameworks define under a name of their
 * own to mark an object, as Vue does, is ignored.
 */
export const opaque: ProxyHandler<object> = {
  has: () => false,
  ownKeys: () => [],
  getOwnPropertyDescriptor: () => undefined,
  getPrototypeOf: () => PROTOTYPE,
  set: () => false,
  defineProperty: (_, name) => typeof name === 'string' && name.startsWith('_'),
  deleteProperty: () => false,
  preventExtensions: () => false,
  setPrototypeOf: () => false,
}

const face = (
  dispose: (ref: Ref) => () => Promise<unknown>,
  disposeProxy?: (ref: Ref) => () => void,
): ProxyHandler<Ref> => ({
  ...opaque,
  get(ref, property) {
    if (typeof property === 'string')
      return ref.methods?.get(property) ?? (isSilent(property) ? undefined : boundMethod(ref, property))
    if (property === ASYNC_DISPOSE) return dispose(ref)
    return property === DISPOSE ? disposeProxy?.(ref) : answer(ref, property)
  },
})

const owner = face((ref) => async () => {
  try {
    await control(ref, 'stop')
  } catch (error) {
    // A realm that is out of reach has nothing left to stop for us.
    if (!(error instanceof ActorError) || (error.code !== 'unreachable' && error.code !== 'unknown')) throw error
  }
})
const borrower = face(
  (ref) => async () => ref.disposeProxy?.(),
  (ref) => () => ref.disposeProxy?.(),
)

/** The proxy whose disposal stops the actor. */
export function own(ref: Ref): object {
  ref.own?.()
  return new globalThis.Proxy(ref, owner)
}

/** The realm's one proxy of this address; disposing it lets go. */
export const borrow = (ref: Ref): object => ref.borrowed ?? ref.proxy(() => new globalThis.Proxy(ref, borrower))

/** The reference behind a proxy or an actor's own instance, or the reference itself; undefined for anything else. */
export function refOf(value: unknown): Ref | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<symbol, Ref | undefined>)[REF] : undefined
}

/** The reference behind a proxy; throws where a proxy was required and something else came. */
export function requireRef(value: unknown): Ref {
  const ref = refOf(value)
  if (!ref)
    throw new ActorError(
      'malformed',
      `a proxy was expected, not ${value === null ? 'null' : typeof value}; await spawn, lookup or connect first`,
    )
  return ref
}

/** The actor and method behind a bound method such as `counter.increment`. */
export const boundOf = (value: unknown): { readonly ref: Ref; readonly method: string } | undefined =>
  typeof value === 'function' ? BOUND.get(value as Bound) : undefined

/** An object with a method of every name, made when it is asked for. One that stands for a `ref` answers to symbols as that. */
export const methods = (target: object, make: (name: string) => (...args: unknown[]) => unknown, ref?: Ref): object =>
  new globalThis.Proxy(target, {
    ...opaque,
    get(_, name) {
      if (typeof name !== 'string') return ref && answer(ref, name)
      return isSilent(name) ? undefined : make(name)
    },
  })

/** The proxy's methods, each call under the options. */
export function asking(ref: Ref, options: AskOptions | undefined, from?: Origin): object {
  const checked = checkAskOptions(options)
  const make =
    (method: string) =>
    (...args: unknown[]) =>
      sendAsk(ref, method, args, checked, from)
  return methods(ref, make, ref)
}

/** The options of `tell`. */
export interface TellOptions {
  /** With `stored`, each message is acknowledged: its promise resolves once a durable actor has stored it. */
  readonly ack?: 'stored'
  /** With `ack`: as the `key` of `ask`. */
  readonly key?: string
}

/** The proxy's methods, one way. */
export function telling(ref: Ref, options: TellOptions | undefined, from?: Origin): object {
  if (options !== undefined && (typeof options !== 'object' || (options?.ack ?? 'stored') !== 'stored'))
    throw new ActorError('malformed', "the options of tell must be { ack: 'stored' }")
  checkAskOptions(options)
  const make =
    (method: string) =>
    (...args: unknown[]) =>
      options?.ack ? sendAsk(ref, method, args, options, from, StoredTell) : sendTell(ref, method, args, from)
  return methods(ref, make, ref)
}
