import { ActorError } from '../../core/ground/errors.js'
import { refOf } from '../../core/proxy/proxy.js'
import { read, write } from '../../core/proxy/verbs.js'

export type Access = 'APPLY' | 'GET' | 'SET'

/** What a peer may reach: by a path of names, of which nothing is looked up on an object of ours. */
export type Target = (access: Access, path: readonly string[], args: readonly unknown[]) => unknown

// Whoever comes over a wire has no types: the actor checks the name.
const readAny = read as unknown as (proxy: object, name: string) => Promise<unknown>
const writeAny = write as unknown as (proxy: object, name: string, value: unknown) => Promise<void>

type Callable = (...args: readonly unknown[]) => unknown

const STEPS = ['next', 'return', 'throw'] as const

/** How a value is called from afar; undefined for what is copied. */
export function targetOf(value: unknown): Target | undefined {
  if (typeof value === 'function') return functionTarget(value as Callable)
  if (typeof value !== 'object' || value === null) return undefined
  if (refOf(value)) return actorTarget(value)
  if (value instanceof Promise || isPlatformStream(value) || !(Symbol.asyncIterator in value)) return undefined
  return streamTarget(value as AsyncIterable<unknown>)
}

/** The platform moves these by itself, once it is told to. */
export const isPlatformStream = (value: object): boolean =>
  /^\[object (Readable|Writable)Stream\]$/.test(Object.prototype.toString.call(value))

/** One name, and the actor decides: it knows its methods and properties, and its proxy has no names of objects. */
export const actorTarget =
  (proxy: object): Target =>
  (access, path, args) => {
    const [name] = path
    if (name === undefined || path.length > 1) throw refusal(path, 'methods and properties of the actor')
    if (access === 'GET') return readAny(proxy, name)
    if (access === 'SET') return writeAny(proxy, name, args[0]).then(() => true)
    const method = (proxy as Record<string, Callable | undefined>)[name]
    if (!method) throw refusal(path, 'methods and properties of the actor')
    return method(...args)
  }

const functionTarget =
  (fn: Callable): Target =>
  (access, path, args) => {
    if (access !== 'APPLY' || path.length > 0) throw refusal(path, 'the function itself')
    return Reflect.apply(fn, undefined, args)
  }

function streamTarget(stream: AsyncIterable<unknown>): Target {
  let iterator: AsyncIterator<unknown> | undefined
  return (access, path, args) => {
    const step = access === 'APPLY' && path.length === 1 ? STEPS.find((name) => name === path[0]) : undefined
    if (!step) throw refusal(path, 'next, return and throw of a stream')
    iterator ??= stream[Symbol.asyncIterator]()
    return iterator[step]?.(args[0]) ?? { done: true, value: args[0] }
  }
}

const refusal = (path: readonly string[], allowed: string): ActorError =>
  new ActorError('not-exposed', `'${path.join('.').slice(0, 64)}' may not be reached through Comlink, only ${allowed}`)
