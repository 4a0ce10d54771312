/* oxlint-disable typescript/no-explicit-any -- constructors are matched, not used. */

export type ActorClass = new (...args: any[]) => object

interface Common {
  /** Unique in its realm; made up unless given. Code: `id-in-use`. */
  readonly id?: string
  /** Unique in its dispatcher, found by `lookup`. Code: `name-taken`. */
  readonly name?: string
}

/** Options of `spawn`; `args` is required where the constructor requires arguments. */
export type SpawnOptions<C extends ActorClass> = Common &
  (ConstructorParameters<C> extends []
    ? { readonly args?: [] }
    : [] extends ConstructorParameters<C>
      ? { readonly args?: ConstructorParameters<C> }
      : { readonly args: ConstructorParameters<C> })

/** The rest parameter of `spawn`: the options, left out where nothing in them is required. */
export type SpawnRest<C extends ActorClass> =
  [] extends ConstructorParameters<C> ? [options?: SpawnOptions<C>] : [options: SpawnOptions<C>]

/** The same without types, as it crosses a link. */
export interface AnySpawnOptions extends Common {
  readonly args?: readonly unknown[]
}
