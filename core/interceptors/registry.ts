import type { Blueprint } from '../actor/blueprint.js'
import { isHidden } from '../actor/exposed.js'
import type { Handler } from '../actor/handler.js'
import { type Interception, interception } from '../actor/interception.js'
import { ActorError } from '../ground/errors.js'
import type { Message, Reach } from '../message/message.js'
import type { Realm } from '../realm/realm.js'
import { HOOKS, type Interceptor } from './hooks.js'
import { Run } from './run.js'

/** An interceptor with what it is for: all methods unless given. */
export interface Entry {
  readonly hooks: Interceptor
  readonly tags?: ReadonlySet<string> | undefined
  readonly methods?: ReadonlySet<string> | undefined
}

/** The interceptors of one method of one actor's class in one realm, the outermost first. */
export interface Chain {
  readonly hooks: readonly Interceptor[]
  readonly tags: ReadonlySet<string>
}

/** By prototype; each list in order, the outermost first. */
const classes = new WeakMap<object, Entry[]>()
/** By the function that is decorated. */
const methods = new WeakMap<object, Interceptor[]>()
const realms = new WeakMap<Realm, Entry[]>()
/** How many entries realms have: as long as there is one, no class is untouched. */
let ofRealms = 0

/** An instance's prototypes, those of base classes first. */
export function prototypesOf(instance: object): object[] {
  const chain: object[] = []
  for (
    let each = Object.getPrototypeOf(instance) as object | null;
    each && each !== Object.prototype;
    each = Object.getPrototypeOf(each) as object | null
  )
    chain.unshift(each)
  return chain
}

/** A method is decorated: the decorator above is called later, and goes outside. */
export function decorated(method: object, hooks: Interceptor): void {
  methods.set(method, [hooks, ...(methods.get(method) ?? [])])
  changed()
}

/** Returns the undo. Throws `malformed` if the class lacks a method that the entry names. */
export function interceptClass(
  Class: abstract new (...args: never) => object,
  entry: Entry,
  isOutside = false,
): () => void {
  const prototype = Class.prototype as object
  const chain = [...prototypesOf(prototype), prototype]
  for (const name of [...(entry.methods ?? []), ...(entry.hooks.expects ?? [])])
    if (isHidden(name) || !chain.some((each) => ownMethod(each, name)))
      throw new ActorError('malformed', `${Class.name} has no method ${name}() that a message can call`)
  return added(classes, prototype, entry, isOutside)
}

/** Returns the undo. */
export function interceptRealm(realm: Realm, entry: Entry): () => void {
  const undo = added(realms, realm, entry)
  ofRealms++
  return () => {
    if (undo()) ofRealms--
  }
}

/** Returns the undo, which tells whether there was something to undo. */
function added<K extends object>(table: WeakMap<K, Entry[]>, key: K, entry: Entry, isOutside = false): () => boolean {
  const entries = table.get(key) ?? []
  table.set(key, isOutside ? [entry, ...entries] : [...entries, entry])
  changed()
  return () => {
    const before = table.get(key) ?? []
    const left = before.filter((each) => each !== entry)
    table.set(key, left)
    changed()
    return left.length < before.length
  }
}

function changed(): void {
  interception.now = new Chains()
}

const ownMethod = (object: object, name: string): object | undefined => {
  const value: unknown = Object.getOwnPropertyDescriptor(object, name)?.value
  return typeof value === 'function' ? value : undefined
}

/** Whether it has more than tags. */
const hasHooks = (each: Interceptor): boolean => HOOKS.some((name) => each[name])

function chainOf(realm: Realm, prototypes: readonly object[], name: string): Chain | undefined {
  const entries = [...(realms.get(realm) ?? []), ...prototypes.flatMap((each) => classes.get(each) ?? [])].filter(
    (entry) => entry.methods?.has(name) ?? true,
  )
  const own = prototypes.flatMap((each) => {
    const method = ownMethod(each, name)
    return (method && methods.get(method)) ?? []
  })
  const tagging = [...entries.flatMap((entry) => (entry.tags ? [] : [entry.hooks])), ...own]
  const tags = new Set(tagging.flatMap((each) => each.tags ?? []))
  const chosen = entries.filter((entry) => !entry.tags || [...entry.tags].some((each) => tags.has(each)))
  const hooks = [...chosen.map((entry) => entry.hooks), ...own].filter(hasHooks)
  return hooks.length > 0 ? { hooks, tags } : undefined
}

/** The chains that were looked for since the last change. */
class Chains implements Interception {
  readonly #realms = new WeakMap<Realm, WeakMap<Blueprint, ReadonlyMap<string, Chain>>>()

  reach(actor: Handler, message: Message): Reach {
    const chain = this.#chainsOf(actor).get(message.method)
    return chain ? new Run(chain, actor, message) : actor.plan
  }

  #chainsOf({ home, plan, instance }: Handler): ReadonlyMap<string, Chain> {
    let plans = this.#realms.get(home)
    if (!plans) this.#realms.set(home, (plans = new WeakMap()))
    let chains = plans.get(plan)
    if (!chains) {
      const prototypes = prototypesOf(instance)
      const found = new Map<string, Chain>()
      for (const name of plan.methods.keys()) {
        const chain = chainOf(home, prototypes, name)
        if (chain) found.set(name, chain)
      }
      plans.set(plan, (chains = found))
      if (found.size === 0 && ofRealms === 0) plan.untouchedBy = this
    }
    return chains
  }
}
