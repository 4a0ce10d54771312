// The room interceptors: hooks around the methods of actors, and those that are shipped.
import { ActorError } from '../ground/errors.js'
import { requireRealm } from '../realm/realm.js'
import { checkHooks, type Interceptor } from './hooks.js'
import { interceptClass, interceptRealm } from './registry.js'

/** The options of `intercept`: which methods are intercepted. All unless given. */
export interface InterceptOptions {
  /** A tag, or several: methods that have one of them. */
  readonly tag?: string | readonly string[]
  /** A name, or several: methods of that name. */
  readonly method?: string | readonly string[]
}

/** A class of actors. */
type Intercepted<A extends object> = abstract new (...args: never) => A

interface Dispatching {
  spawn(...args: never): unknown
  lookup(...args: never): unknown
}

/**
 * Puts an interceptor on the methods of a class and of classes that extend it, or on the methods of all actors of a
 * dispatcher. It applies from the next message on, also to actors that were there before.
 *
 * Takes the class or the dispatcher, the interceptor, and options that select methods. Returns a function that takes
 * the interceptor off again. Throws `malformed` for wrong arguments, and if a class lacks a method that is named.
 *
 * ```ts
 * intercept(Account, logging(), { tag: 'audited' })
 * const undo = intercept(dispatcher, rateLimit({ calls: 100, per: 1_000 }))
 * ```
 */
export function intercept<A extends object>(
  target: Intercepted<A> | Dispatching,
  interceptor: Interceptor<A>,
  options: InterceptOptions = {},
): () => void {
  const hooks = interceptor as Interceptor
  checkHooks(hooks)
  if (typeof options !== 'object' || options === null)
    throw new ActorError('malformed', 'the options of intercept are an object')
  const entry = { hooks, tags: namesOf('tag', options.tag), methods: namesOf('method', options.method) }
  if (entry.tags && hooks.tags) throw new ActorError('malformed', 'what gives tags is not itself selected by a tag')
  if (typeof target === 'function' && target.prototype) return interceptClass(target as Intercepted<object>, entry)
  return interceptRealm(requireRealm(target, 'intercept takes a class or a dispatcher, and an interceptor'), entry)
}

function namesOf(option: string, given: string | readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (given === undefined) return undefined
  const names = typeof given === 'string' ? [given] : given
  if (!Array.isArray(names) || !names.every((each) => typeof each === 'string'))
    throw new ActorError('malformed', `'${option}' of intercept is a text or a list of texts`)
  return new Set<string>(names)
}
