import type { Method, Reach } from '../message/message.js'
import { HOOKS, STATE_HOOKS } from '../supervision/hooks.js'
import { BIND } from './bind.js'

/** Never reachable from afar, whatever a class says. */
const HIDDEN = new Set([...Object.getOwnPropertyNames(Object.prototype), 'then', 'toJSON', 'context', ...HOOKS])

export const isHidden = (name: string): boolean => HIDDEN.has(name) || name.startsWith('_')

/** What messages may reach of a plain object: its own functions. */
export const reachOfObject = (object: object): Reach => ({
  methods: own(object),
  properties: new Set(),
})

/**
 * What messages may reach of the instances of a class, found without running a getter.
 *
 * Each class on the chain contributes its `static exposed` list, or its public methods where it has none.
 * A name that an ancestor's list leaves out stays hidden unless a descendant lists it; one that a list names stays
 * reachable when a descendant overrides it. What a list names and is no method is a property: fields are found on
 * instances alone.
 */
export function reachOfClass(prototype: object): Reach {
  const methods = new Map<string, Method>()
  const listed = new Set<string>()
  const withheld = new Set<string>()
  // Base classes first.
  const addAll = (proto: object | null): void => {
    if (!proto || proto === Object.prototype || Object.hasOwn(proto, BIND)) return
    addAll(Object.getPrototypeOf(proto) as object | null)
    const list = listOf(proto)
    for (const name of list ?? []) listed.add(name)
    // Accessors as well as methods: a class takes back what it defines anew, where no list names it.
    if (list) for (const name of Object.getOwnPropertyNames(proto)) if (!listed.has(name)) withheld.add(name)
    for (const [name, method] of own(proto)) methods.set(name, method)
  }
  addAll(prototype)
  if (STATE_HOOKS.every((name) => name in prototype)) {
    for (const name of STATE_HOOKS) {
      listed.delete(name)
      withheld.add(name)
    }
  }
  for (const name of withheld) if (!listed.has(name)) methods.delete(name)
  const properties = [...listed].filter((name) => !methods.has(name) && !isHidden(name))
  return { methods, properties: new Set(properties) }
}

function listOf(proto: object): readonly string[] | undefined {
  const constructor = Object.getOwnPropertyDescriptor(proto, 'constructor')?.value as object | undefined
  if (constructor && Object.hasOwn(constructor, 'exposed'))
    return (constructor as { readonly exposed?: readonly string[] }).exposed
  return undefined
}

function own(object: object): Map<string, Method> {
  const methods = new Map<string, Method>()
  const all: Record<string, PropertyDescriptor> = Object.getOwnPropertyDescriptors(object)
  for (const [name, { value }] of Object.entries(all))
    if (typeof value === 'function' && !isHidden(name)) methods.set(name, value as Method)
  return methods
}
