import type { Method, Reach } from '../message/message.js'
import { BIND } from './bind.js'

/** Never reachable from afar, whatever a class says. */
const HIDDEN = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'then',
  'toJSON',
  'context',
  'onStart',
  'onStop',
  'onRestart',
  'onSettled',
  'onInfo',
  'shouldStart',
])

export const isHidden = (name: string): boolean => HIDDEN.has(name) || name.startsWith('_')

const NONE: ReadonlySet<string> = new Set()
const tables = new WeakMap<object, Reach>()

/**
 * What messages may reach of an actor, built once per class and never by running a getter.
 *
 * Each class on the chain contributes its `static exposed` list, or its public methods where it has none.
 * A name that an ancestor's list leaves out stays hidden unless a descendant lists it; one that a list names stays
 * reachable when a descendant overrides it. A plain object contributes its own functions. What a list names and is no
 * method is a property: fields are found on instances alone.
 */
export function reachOf(instance: object): Reach {
  const prototype = Object.getPrototypeOf(instance) as object | null
  if (prototype === null || prototype === Object.prototype) return { methods: own(instance), properties: NONE }
  let table = tables.get(prototype)
  if (!table) tables.set(prototype, (table = build(prototype)))
  return table
}

function build(prototype: object): Reach {
  const chain: object[] = []
  for (
    let proto: object | null = prototype;
    proto && proto !== Object.prototype && !Object.hasOwn(proto, BIND);
    proto = Object.getPrototypeOf(proto) as object | null
  ) {
    chain.unshift(proto)
  }
  const names = new Set<string>()
  const listed = new Set<string>()
  const withheld = new Set<string>()
  for (const proto of chain) {
    const list = listOf(proto)
    if (list) {
      for (const name of list) {
        names.add(name)
        listed.add(name)
      }
      // Accessors as well as methods: a class takes back what it defines anew, where no list names it.
      for (const name of Object.getOwnPropertyNames(proto)) {
        if (listed.has(name)) continue
        names.delete(name)
        withheld.add(name)
      }
    } else for (const name of own(proto).keys()) if (!withheld.has(name)) names.add(name)
  }
  // Together they are hooks; one of them alone is a method like any other.
  if ('snapshot' in prototype && 'restore' in prototype) for (const name of ['snapshot', 'restore']) names.delete(name)
  const methods = new Map<string, Method>()
  for (const proto of chain) for (const [name, method] of own(proto)) if (names.has(name)) methods.set(name, method)
  const properties = [...names].filter((name) => !methods.has(name) && !isHidden(name))
  return { methods, properties: new Set(properties) }
}

function listOf(proto: object): readonly string[] | undefined {
  const constructor = Object.getOwnPropertyDescriptor(proto, 'constructor')?.value as object | undefined
  if (!constructor || !Object.hasOwn(constructor, 'exposed')) return undefined
  return (constructor as { readonly exposed?: readonly string[] }).exposed
}

function own(object: object): Map<string, Method> {
  const methods = new Map<string, Method>()
  for (const name of Object.getOwnPropertyNames(object)) {
    const value: unknown = Object.getOwnPropertyDescriptor(object, name)?.value
    if (typeof value === 'function' && !isHidden(name)) methods.set(name, value as Method)
  }
  return methods
}
