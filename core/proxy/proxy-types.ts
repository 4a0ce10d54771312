/* oxlint-disable typescript/no-explicit-any -- `any` is confined to this file: method types are matched, not used. */

declare const brand: unique symbol
declare const referenced: unique symbol
declare const property: unique symbol

/** Marks the type of an actor that extends `Actor`: as a result or an argument it is sent as a proxy. */
export declare const acting: unique symbol

export interface Acting {
  readonly [acting]: true
}

/** Never on a proxy: hooks and what belongs to the actor alone. */
type Reserved =
  | keyof Acting
  | 'context'
  | 'onStart'
  | 'onStop'
  | 'onRestart'
  | 'onSettled'
  | 'onInfo'
  | 'shouldStart'
  | 'then'
  | 'toJSON'
  | 'asymmetricMatch'
  | 'nodeType'
  | 'tagName'
  | 'hasAttribute'
  | '$$typeof'
  | `_${string}`
  | `@@${string}`

/** The type that `reference(value)` returns: the value itself in its own realm, a proxy to it in any other. */
export type Referenced<T extends object> = T & { readonly [referenced]: T }

/**
 * How a method looks from outside. Inverse: an actor that declares the method on the right offers the one on the left.
 *
 * | outside                              | inside                                          |
 * | the method itself, overloads and all | a method that returns a promise                 |
 * | `(...) => AsyncIterable<T>`          | a generator, or anything that returns an iterable stream |
 * | `(...) => Promise<R>`                | any other method, also one that always throws   |
 * | `UseRead`                            | a property                                      |
 *
 * In the last two, results and arguments are mapped as they stand, not what is nested in them:
 *
 * | outside                              | inside, in a result                             |
 * | `Proxy<B>`                           | an actor `B`, such as `this`                    |
 * | `Proxy<T>`                           | `Referenced<T>`                                 |
 * | a function as a method looks         | a function                                      |
 * | the same                             | anything else: data, proxies, streams, signals  |
 *
 * | outside                              | inside, in an argument                          |
 * | `(...) => T` or `=> Promise<T>`      | a callback `(...) => Promise<T>`, since who calls it awaits; what it is given is mapped as a result |
 * | the same                             | anything else; where an actor is meant, a `Proxy<B>` |
 */
type Method<F> = F extends (...args: infer P) => never
  ? (...args: Arguments<P>) => Promise<never>
  : F extends (...args: any) => PromiseLike<any>
    ? F
    : F extends (...args: infer P) => ByReader
      ? (...args: Arguments<P>) => Promise<ReturnType<F>>
      : F extends (...args: infer P) => AsyncIterable<infer T> | Generator<infer T, any, any>
        ? (...args: Arguments<P>) => AsyncIterable<T>
        : F extends (...args: infer P) => infer R
          ? (...args: Arguments<P>) => Promise<Result<R>>
          : F extends null | undefined
            ? never
            : UseRead

type OneWay<F> = F extends (...args: infer P) => any ? (...args: Arguments<P>) => void : never

/** The platform's ReadableStream, which is iterable too, and arrives as itself. */
type ByReader = { getReader(...args: any): any }

type Primitive = string | number | bigint | boolean | symbol | null | undefined | void

// Most results and arguments are primitive, and are done with in one look.
type Result<R> = [R] extends [Primitive]
  ? R
  : R extends Acting
    ? Proxy<R>
    : R extends { readonly [referenced]: infer T }
      ? Proxy<T>
      : R extends (...args: any) => any
        ? Method<R>
        : R

type Results<P extends readonly unknown[]> = { [I in keyof P]: Result<P[I]> }

type Argument<T> = [T] extends [Primitive]
  ? T
  : T extends (...args: infer P) => infer R
    ? (...args: Results<P>) => R | Awaited<R>
    : T

type Arguments<P extends readonly unknown[]> = { [I in keyof P]: Argument<P[I]> }

/** Of a property: it is not to be had of a proxy. Use `read(proxy, name)` and `write(proxy, name, value)`. */
export interface UseRead {
  readonly [property]: never
}

/** What all proxies have. The brand is where `ask`, `tell`, `read` and `write` find `A`. */
interface Referring<A> {
  readonly [brand]: A | undefined
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A typed reference to an actor, wherever it is. Awaiting it gives the proxy itself.
 *
 * Covariant in `A`: an actor may pass `this.context.self` where a proxy of its base is wanted. A mapping over `keyof`
 * of one type, so that editors lead from a call to the method of the class, and show what is said of it there.
 */
/** @ts-ignore the mapped type alone would be judged invariant; methods make it safe to read as covariant */
export type Proxy<out A> = {
  readonly [K in keyof (A & Referring<A>) as K extends Reserved ? never : K]-?: K extends keyof Referring<A>
    ? Referring<A>[K]
    : K extends keyof A
      ? Method<A[K]>
      : never
}

/** The type that `ask(proxy, options)` returns: the same methods, each call with the options. */
export type Asking<A> = Proxy<A>

type Stored<F> = F extends (...args: infer P) => any
  ? (...args: Arguments<P>) => Promise<void>
  : F extends null | undefined
    ? never
    : UseRead

/** The type that `tell(proxy, { ack: 'stored' })` returns: the same methods, whose promises resolve to nothing. */
export type Storing<A> = { readonly [K in keyof A as K extends Reserved | symbol ? never : K]: Stored<A[K]> }

/** The type that `tell(proxy)` returns: the same methods, without results. Of overloads, it has the last one. */
export type Telling<A> = { readonly [K in keyof A as K extends Reserved | symbol ? never : K]: OneWay<A[K]> }

/** A property's value as `read` brings it. */
export type Property<T> = Result<Awaited<T>>

/** The name itself if it is that of a property, `never` for a method. Looks at that one member only. */
export type Readable<A, K extends keyof A> = K extends Reserved ? never : A[K] extends (...args: any) => any ? never : K

/** As `Readable`, and not `readonly`. */
export type Writable<A, K extends keyof A> =
  (<T>() => T extends { -readonly [P in K]: A[P] } ? 1 : 2) extends <T>() => T extends Pick<A, K> ? 1 : 2
    ? Readable<A, K>
    : never
