import type { Home, Ref } from '../message/ref.js'
import { refOf } from './proxy.js'

/** Gives the actor that stands for a value which travels by reference, the same one each time. */
export type Represent = (home: Home, value: object) => Ref

const marked = new WeakMap<object, Represent>()
/** Nothing is looked up as long as nothing was ever marked. */
let isUsed = false
/** Marks of other libraries that mean the same; none unless an entry of ours that knows one is imported. */
let foreign: ReadonlyMap<symbol, Represent> | undefined

/** From now on `value` travels by reference. */
export function mark(value: object, by: Represent): void {
  isUsed = true
  marked.set(value, by)
}

export function honourMark(symbol: symbol, by: Represent): void {
  foreign = new Map([...(foreign ?? []), [symbol, by]])
}

/** Set for a value that travels by reference because somebody said so. Strictly: only `true` under a symbol is a mark. */
export function markOf(value: object): Represent | undefined {
  const own = isUsed ? marked.get(value) : undefined
  if (own || !foreign) return own
  for (const [symbol, by] of foreign) if ((value as Record<symbol, unknown>)[symbol] === true) return by
  return undefined
}

/** The actor that a value stands for: a proxy, an actor's own instance, or an object that travels by reference. */
export const actorBehind = (home: Home, value: object): Ref | undefined => markOf(value)?.(home, value) ?? refOf(value)
