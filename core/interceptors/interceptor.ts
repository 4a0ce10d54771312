import { isHidden } from '../actor/exposed.js'
import { ActorError } from '../ground/errors.js'
import type { Call } from './call.js'
import { type CallOutcome, checkHooks, type Interceptor } from './hooks.js'
import { decorated, interceptClass, prototypesOf } from './registry.js'

/** An interceptor that is also a decorator, of a method or of a class. */
export interface InterceptorDecorator<A extends object = object> extends Interceptor<A> {
  <T extends A>(method: (this: T, ...args: never) => unknown, context: ClassMethodDecoratorContext<T>): void
  <C extends abstract new (...args: never) => A>(target: C, context: ClassDecoratorContext<C>): void
}

/**
 * Makes a decorator of an interceptor.
 *
 * Takes an object with hooks. Returns a value that `intercept` takes, too. Throws `malformed` if a hook is no function.
 * As a decorator it throws `malformed` for what no message can call: static and private members, accessors, hooks of
 * `Actor`.
 */
export function interceptor<A extends object = object>(hooks: Interceptor<A>): InterceptorDecorator<A> {
  checkHooks(hooks)
  const { tags, expects } = hooks
  const decorator = (target: object, context: ClassMethodDecoratorContext | ClassDecoratorContext): void =>
    decorate(decorator as Interceptor, target, context)
  return Object.assign(
    decorator,
    hooks.before && { before: hooks.before.bind(hooks) },
    hooks.around && { around: hooks.around.bind(hooks) },
    hooks.after && { after: hooks.after.bind(hooks) },
    tags && { tags },
    expects && { expects },
  ) as InterceptorDecorator<A>
}

/** Makes an interceptor of a `before` hook. Throws `malformed` for anything but a function. */
export const before = <A extends object = object>(hook: (call: Call<A>) => unknown): InterceptorDecorator<A> =>
  interceptor({ before: hook })

/** Makes an interceptor of an `around` hook. Throws `malformed` for anything but a function. */
export const around = <A extends object = object>(
  hook: (call: Call<A>, next: () => unknown) => unknown,
): InterceptorDecorator<A> => interceptor({ around: hook })

/** Makes an interceptor of an `after` hook. Throws `malformed` for anything but a function. */
export const after = <A extends object = object>(
  hook: (call: Call<A>, outcome: CallOutcome) => unknown,
): InterceptorDecorator<A> => interceptor({ after: hook })

/** Gives tags to the methods that it is on: `intercept` selects methods by them. Throws `malformed` for anything but texts. */
export function tag(...tags: string[]): InterceptorDecorator {
  if (tags.length === 0 || !tags.every((each) => typeof each === 'string'))
    throw new ActorError('malformed', 'tag takes one text or more')
  return interceptor({ tags })
}

function decorate(
  hooks: Interceptor,
  target: object,
  context: ClassMethodDecoratorContext | ClassDecoratorContext,
): void {
  if (typeof context !== 'object' || context === null)
    throw new ActorError('malformed', 'interceptors are standard decorators; turn experimentalDecorators off')
  const { kind, name } = context
  if (kind === 'class') return void interceptClass(target as new () => object, { hooks }, true)
  const isReachable =
    kind === 'method' && !context.static && !context.private && typeof name === 'string' && !isHidden(name)
  if (!isReachable) throw new ActorError('malformed', `no message can call ${String(name)}, so nothing intercepts it`)
  decorated(target, hooks)
  let isFound = false
  context.addInitializer(function (this: unknown) {
    isFound ||= prototypesOf(this as object).some(
      (each) => Object.getOwnPropertyDescriptor(each, name)?.value === target,
    )
    if (!isFound)
      throw new ActorError(
        'malformed',
        `a decorator above an interceptor replaced ${name}(); put the interceptor above it`,
      )
  })
}
