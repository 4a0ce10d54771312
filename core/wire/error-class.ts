import { ActorError } from '../ground/errors.js'

declare const DOMException: (new (message: string, name: string) => Error) | undefined

type ErrorClass = new (message: string) => Error

/** The closed set of error classes that cross a wire as themselves; the index travels. */
const CLASSES: readonly ErrorClass[] = [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]
const AGGREGATE = CLASSES.length
const DOM = AGGREGATE + 1
const ACTOR = DOM + 1

/** The index of the nearest class of the table: others arrive as it, under their own name. */
export function classOf(error: Error): number {
  if (error instanceof ActorError) return ACTOR
  if (typeof DOMException !== 'undefined' && error instanceof DOMException) return DOM
  if (error instanceof AggregateError) return AGGREGATE
  const index = CLASSES.findLastIndex((Class) => error instanceof Class)
  return Math.max(index, 0)
}

/** The fields of an error that travel beside its name and message; its stack goes to trusted peers only. */
export function keysOf(error: Error, trusted: boolean): string[] {
  const keys = Object.keys(error).filter((key) => key !== 'name' && key !== 'message' && key !== 'stack')
  for (const key of ['cause', 'errors']) if (Object.hasOwn(error, key) && !keys.includes(key)) keys.push(key)
  if (trusted && typeof error.stack === 'string') keys.push('stack')
  return keys
}

/** An error of the class at `index`, or undefined if there is none. */
export function makeError(index: number, name: string, message: string): Error | undefined {
  const error = create(index, name, message)
  if (!error || index === DOM) return error
  define(error, 'message', message)
  if (error.name !== name) define(error, 'name', name)
  // What was thrown elsewhere has no business with the stack of this realm.
  define(error, 'stack', `${name}: ${message}`)
  return error
}

function create(index: number, name: string, message: string): Error | undefined {
  if (index === AGGREGATE) return new AggregateError([], message)
  if (index === ACTOR) return new ActorError('unknown', '')
  if (index === DOM) return typeof DOMException === 'undefined' ? new Error(message) : new DOMException(message, name)
  const Class = CLASSES[index]
  return Class && new Class(message)
}

const define = (error: Error, key: string, value: unknown): unknown =>
  Object.defineProperty(error, key, { value, configurable: true, writable: true })
