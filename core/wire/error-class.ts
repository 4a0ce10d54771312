import { ActorError } from '../ground/errors.js'
import { classTag } from '../ground/slots.js'

declare const DOMException: (new (message: string, name: string) => Error) | undefined

type ErrorClass = new (...args: unknown[]) => Error

/** The closed set of error classes that cross a wire as themselves; the index travels. */
const CLASSES = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
  typeof DOMException === 'undefined' ? class extends Error {} : DOMException,
  ActorError,
] as readonly ErrorClass[]
const TEXTS = ['name', 'message', 'stack']
const AGGREGATE = 7
const DOM = 8
const ACTOR = 9

/** The index of the nearest class of the table: others arrive as it, under their own name. */
export function classOf(error: Error): number {
  let index = CLASSES.findLastIndex((Class) => error instanceof Class)
  if (index < 1 && classTag(error) === 'DOMException') return DOM
  // The prototypes of an error of another realm have the names of their classes.
  for (let at: unknown = error; index < 0 && (at = Object.getPrototypeOf(at));) {
    const name: unknown = Object.getOwnPropertyDescriptor(at, 'name')?.value
    index = CLASSES.findIndex((Class) => Class.name === name)
  }
  return Math.max(index, 0)
}

/** What it holds there; undefined where that cannot be read. */
export function fieldOf(error: Error, key: 'name' | 'message' | 'stack'): unknown {
  try {
    return error[key]
  } catch {
    return undefined
  }
}

/** The fields of an error that travel beside its name and message; its stack goes to trusted peers only. */
export function keysOf(error: Error, trusted: boolean): Iterable<string> {
  const keys = new Set(Object.keys(error))
  for (const key of ['cause', 'errors']) if (Object.hasOwn(error, key)) keys.add(key)
  for (const key of TEXTS) keys.delete(key)
  if (trusted && typeof fieldOf(error, 'stack') === 'string') keys.add('stack')
  return keys
}

/** Whether a field of an error is a text: code that gets the error relies on that. */
export const isTextField = (error: Error, key: string): boolean =>
  TEXTS.includes(key) || (key === 'code' && error instanceof ActorError)

/** An error of the class at `index`, or undefined if there is none. */
export function makeError(index: number, name: string, message: string): Error | undefined {
  const Class = CLASSES[index]
  if (!Class) return undefined
  const args = index === DOM ? [message, name] : index === AGGREGATE ? [[]] : index === ACTOR ? ['unknown', ''] : []
  const error = withoutStack(Class, args)
  if (index === DOM) return error
  define(error, 'message', message)
  if (error.name !== name) define(error, 'name', name)
  // What was thrown elsewhere has no business with the stack of this realm.
  define(error, 'stack', `${name}: ${message}`)
  return error
}

/** To capture a stack that nobody sees costs more than the rest of the error. V8 has a limit for it, which may be frozen. */
function withoutStack(Class: ErrorClass, args: readonly unknown[]): Error {
  const { stackTraceLimit } = Error as { stackTraceLimit?: number }
  const limit = (most: unknown): unknown => stackTraceLimit && Reflect.set(Error, 'stackTraceLimit', most)
  limit(0)
  try {
    return new Class(...args)
  } finally {
    limit(stackTraceLimit)
  }
}

const define = (error: Error, key: string, value: unknown): unknown =>
  Object.defineProperty(error, key, { value, configurable: true, writable: true })
