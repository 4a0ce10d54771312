import { ActorError } from '../../core/errors.js'
import { refOf } from '../../core/proxy.js'

/** What a peer may call: by a path of names, of which nothing is looked up on an object of ours. */
export type Target = (path: readonly string[], args: readonly unknown[]) => unknown

type Callable = (...args: readonly unknown[]) => unknown

const STEPS = ['next', 'return', 'throw'] as const

/** How a value is called from afar; undefined for what is copied. */
export function targetOf(value: unknown): Target | undefined {
  if (typeof value === 'function') return functionTarget(value as Callable)
  if (typeof value !== 'object' || value === null) return undefined
  if (refOf(value)) return actorTarget(value)
  if (value instanceof Promise || !(Symbol.asyncIterator in value)) return undefined
  return streamTarget(value as AsyncIterable<unknown>)
}

/** One name, and the proxy decides: it has no names of objects, and the actor knows its methods. */
export const actorTarget =
  (proxy: object): Target =>
  (path, args) => {
    const method = path.length === 1 ? (proxy as Record<string, Callable | undefined>)[path[0]!] : undefined
    if (!method) throw refusal(path, 'methods of the actor')
    return method(...args)
  }

const functionTarget =
  (fn: Callable): Target =>
  (path, args) => {
    if (path.length > 0) throw refusal(path, 'the function itself')
    return Reflect.apply(fn, undefined, args)
  }

function streamTarget(stream: AsyncIterable<unknown>): Target {
  let iterator: AsyncIterator<unknown> | undefined
  return (path, args) => {
    const step = path.length === 1 ? STEPS.find((name) => name === path[0]) : undefined
    if (!step) throw refusal(path, 'next, return and throw of a stream')
    iterator ??= stream[Symbol.asyncIterator]()
    return iterator[step]?.(args[0]) ?? { done: true, value: args[0] }
  }
}

export const refusal = (path: readonly string[], allowed: string): ActorError =>
  new ActorError('not-exposed', `'${path.join('.').slice(0, 64)}' may not be reached through Comlink, only ${allowed}`)
