import { mark } from '../proxy/marks.js'
import type { Referenced } from '../proxy/proxy-types.js'
import { represent } from './hosting.js'

/**
 * Marks `value` so that it travels by reference, and returns it: who gets it over a link has a proxy to it, the same
 * one each time, and whoever is in this realm has the value itself. It is there for as long as a peer holds that proxy.
 */
export function reference<T extends object>(value: T): Referenced<T> {
  mark(value, represent)
  return value as Referenced<T>
}
