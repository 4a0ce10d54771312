import { isMarked } from '../proxy/marks.js'
import type { Referenced } from '../proxy/proxy-types.js'

const marked = new WeakSet<object>()
/** Nothing is looked up as long as nothing was ever marked. */
let isUsed = false

/**
 * Marks `value` so that it travels by reference, and returns it: who gets it over a link has a proxy to it, the same
 * one each time, and whoever is in this realm has the value itself. It is there for as long as a peer holds that proxy.
 */
export function reference<T extends object>(value: T): Referenced<T> {
  isUsed = true
  marked.add(value)
  return value as Referenced<T>
}

/** Whether a value travels by reference because somebody said so. */
export const isReference = (value: object): boolean => (isUsed && marked.has(value)) || isMarked(value)
