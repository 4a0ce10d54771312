import type { DispatcherInfo } from '../realm/dispatcher-info.js'
import type { Actors } from '../realm/hosting.js'
import type { ActorError } from '../ground/errors.js'
import type { Proxy } from '../proxy/proxy-types.js'
import type { ActorClass, AnySpawnOptions, SpawnRest } from '../supervision/spawn-options.js'

/** The keys of `A` that are classes; any key where nothing is known of them. */
type Spawnable<A> = string extends keyof A
  ? string
  : { [K in keyof A]: A[K] extends ActorClass ? K : never }[keyof A] & string

type SpawnedBy<A, K extends keyof A> = A[K] extends ActorClass ? InstanceType<A[K]> : unknown

type RestOf<A, K extends keyof A> = A[K] extends ActorClass ? SpawnRest<A[K]> : [options?: AnySpawnOptions]

/** The dispatcher at the other end of a link, as seen from here. */
export interface Peer<A = Actors> {
  /** The id of the dispatcher there. */
  readonly id: string
  /** Keys that may be spawned there. */
  readonly actors: readonly string[]
  /** Spawns an actor there. Resolves after its `onStart`; rejects with `start-failed`, `name-taken`, `not-found`, … */
  spawn<K extends Spawnable<A>>(key: K, ...options: RestOf<A, K>): Promise<Proxy<SpawnedBy<A, K>>>
  /** A proxy to the actor of that name there, or undefined. */
  lookup<B>(name: string): Promise<Proxy<B> | undefined>
  /** The names that may be looked up there. */
  names(): Promise<string[]>
  /** Runs a function that the host offers under that name. Rejects with `not-found`, or `malformed` for too few arguments. */
  run(name: string, ...args: unknown[]): Promise<unknown>
  /** What goes on there. Code for those it is not granted to: `unauthorized`. */
  info(): Promise<DispatcherInfo>
  /** Resolves with the reason once the link is gone for good. */
  readonly closed: Promise<ActorError>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
