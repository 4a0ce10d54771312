import { checkMilliseconds } from '../ground/milliseconds.js'
import type { Method, Reach } from '../message/message.js'
import { type HookName, HOOKS, STATE_HOOKS } from '../supervision/hooks.js'
import { reachOfClass, reachOfObject } from './exposed.js'
import type { Interception } from './interception.js'

/** What all actors of one class share. */
export interface Blueprint extends Reach {
  readonly hooks: ReadonlyMap<HookName, Method>
  /** Whether it has `onSettled`, which is looked for at every message. */
  readonly observes: boolean
  /** Handlers that may be under way at a time. */
  readonly concurrency: number
  /** Whether a call that would wait for itself is handled at once instead of refused. */
  readonly reentrant: boolean
  /** Milliseconds that calls have unless they say otherwise. */
  readonly timeout: number
  /** Methods whose results travel by reference. */
  readonly references: ReadonlySet<string> | undefined
  /** What makes its cells, where its state is stored: what `durable(…)` returned, or something that is wrong. */
  readonly durable: unknown
  /** The interception that was found to have no interceptors for it. */
  untouchedBy: Interception | undefined
}

interface Statics {
  readonly concurrency?: unknown
  readonly reentrant?: unknown
  readonly timeout?: unknown
  readonly references?: unknown
  readonly durable?: unknown
}

const blueprints = new WeakMap<object, Blueprint>()

/** Built once for each class, never by running a getter of the instance. */
export function blueprintOf(instance: object): Blueprint {
  const prototype = Object.getPrototypeOf(instance) as object | null
  if (prototype === null || prototype === Object.prototype) return build(instance, reachOfObject(instance), {})
  let blueprint = blueprints.get(prototype)
  if (!blueprint) {
    const { constructor } = prototype as { readonly constructor: Statics }
    blueprints.set(prototype, (blueprint = build(instance, reachOfClass(prototype), constructor)))
  }
  return blueprint
}

function build(
  instance: object,
  reach: Reach,
  { concurrency, reentrant, timeout, references, durable }: Statics,
): Blueprint {
  const hooks = new Map<HookName, Method>()
  for (const name of [...HOOKS, ...STATE_HOOKS]) {
    const hook: unknown = methodOf(instance, name)
    if (typeof hook === 'function') hooks.set(name, hook as Method)
  }
  return {
    ...reach,
    hooks,
    observes: hooks.has('onSettled'),
    concurrency: typeof concurrency === 'number' && concurrency >= 1 ? concurrency : 1,
    reentrant: reentrant === true,
    references: Array.isArray(references) ? new Set<string>(references) : undefined,
    timeout: checkMilliseconds('static timeout', timeout) ?? Infinity,
    durable,
    untouchedBy: undefined,
  }
}

/** The value of a name on the chain, without running getters. */
function methodOf(instance: object, name: string): unknown {
  for (let object: object | null = instance; object; object = Object.getPrototypeOf(object) as object | null) {
    const property = Object.getOwnPropertyDescriptor(object, name)
    if (property) return property.value
  }
  return undefined
}
