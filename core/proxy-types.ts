/* oxlint-disable typescript/no-explicit-any -- `any` is confined to this file: method types are matched, not used. */
import type { Actor } from './actor.js'

declare const brand: unique symbol

/** Never on a proxy: hooks and what belongs to the actor alone. */
type Reserved = keyof Actor | 'onRestart' | 'onSettled' | 'onInfo' | 'shouldStart' | 'then' | 'toJSON' | `_${string}`

/**
 * How a method looks from outside. Inverse: an actor that declares the method on the right offers the one on the left.
 *
 * | outside                              | inside                                          |
 * | the method itself, overloads and all | a method that returns a promise                 |
 * | `(...) => AsyncIterable<T>`          | a generator, or anything that returns an iterable stream |
 * | `(...) => Promise<R>`                | any other method, also one that always throws   |
 */
type Method<F> = F extends (...args: infer P) => never
  ? (...args: P) => Promise<never>
  : F extends (...args: any) => PromiseLike<any>
    ? F
    : F extends (...args: infer P) => AsyncIterable<infer T> | Generator<infer T, any, any>
      ? (...args: P) => AsyncIterable<T>
      : F extends (...args: infer P) => infer R
        ? (...args: P) => Promise<R>
        : never

type OneWay<F> = F extends (...args: infer P) => any ? (...args: P) => void : never

/**
 * A typed reference to an actor, wherever it is. Awaiting it gives the proxy itself.
 *
 * Covariant in `A`: an actor may pass `this.context.self` where a proxy of its base is wanted.
 */
/** @ts-ignore the mapped type alone would be judged invariant; methods make it safe to read as covariant */
export type Proxy<out A> = {
  readonly [
    K in keyof A | typeof brand | typeof Symbol.asyncDispose as K extends Reserved ? never : K
  ]: K extends typeof brand
    ? A | undefined
    : K extends typeof Symbol.asyncDispose
      ? () => Promise<void>
      : K extends keyof A
        ? Method<A[K]>
        : never
}

/** What `ask(proxy, options)` gives: the same methods, each call under the options. */
export type Asking<A> = Proxy<A>

/** What `tell(proxy)` gives: the same methods, one way. The last overload counts. */
export type Telling<A> = { readonly [K in keyof A as K extends Reserved | symbol ? never : K]: OneWay<A[K]> }
