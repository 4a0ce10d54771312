import type { DispatcherInfo } from '../realm/dispatcher-info.js'
import type { Actors } from '../realm/hosting.js'
import type { ActorError } from '../ground/errors.js'
import type { CloseOptions } from '../message/stop-options.js'
import type { Proxy } from '../proxy/proxy-types.js'
import type { ActorClass, AnySpawnOptions, SpawnRest } from '../supervision/spawn-options.js'

/** The keys of `A` that are classes; any key where nothing is known of them. */
export type Spawnable<A> = string extends keyof A
  ? string
  : { [K in keyof A]: A[K] extends ActorClass ? K : never }[keyof A] & string

export type SpawnedBy<A, K extends keyof A> = A[K] extends ActorClass ? InstanceType<A[K]> : unknown

export type RestOf<A, K extends keyof A> = A[K] extends ActorClass ? SpawnRest<A[K]> : [options?: AnySpawnOptions]

/** `open`, `reconnecting` while the connection or the realm there is gone and comes back, or `closed` for good. */
export type PeerState = 'open' | 'reconnecting' | 'closed'

/** What is known of a peer whose state has changed. */
export interface PeerStateDetails {
  /**
   * Of a peer that is `open` again: whether the same link goes on. False if it is a new link: the realm there, or the server,
   * may have forgotten what it knew of this side.
   */
  readonly resumed?: boolean
  /** Why the connection ended. */
  readonly reason?: ActorError
  /** Which attempt to connect is the next one, counted from 1; undefined where the other side is to connect. */
  readonly attempt?: number
  /** Milliseconds until the next attempt, or until the peer is given up where the other side is to connect. */
  readonly retryIn?: number
}

/** The events of `peer.on`, each with the arguments of its listener. */
export interface PeerEvents {
  /** The state changed, or another attempt to connect is to be made. */
  state(state: PeerState, details: PeerStateDetails): void
}

/** The dispatcher at the other end of a link, as seen from here. */
export interface Peer<A = Actors> {
  /** The id of the dispatcher there. */
  readonly id: string
  /** What `authorize` of this dispatcher said of its user: the `user` of the grant. */
  readonly user: unknown
  /** Keys that can be spawned there. */
  readonly actors: readonly string[]
  /**
   * Spawns an actor there.
   *
   * Takes a key in `actors`, and the options of `dispatcher.spawn`. A peer that does not trust this dispatcher takes only
   * `args`, and a `name` that it granted. Resolves after `onStart` to a proxy that owns the actor. Rejects with
   * `not-found` for an unknown key, `malformed`, `unauthorized`, `start-failed`, `name-taken`, `id-in-use`, `quota`,
   * `uncloneable`, and as any call does with `unreachable`, `unknown`, `timeout` and `stopped`.
   */
  spawn<K extends Spawnable<A>>(key: K, ...options: RestOf<A, K>): Promise<Proxy<SpawnedBy<A, K>>>
  /** Finds an actor there by its name. Resolves to a borrowed proxy, or to undefined. Rejects as a call does. */
  lookup<B>(name: string): Promise<Proxy<B> | undefined>
  /** Resolves to the names that can be looked up there. Rejects as a call does. */
  names(): Promise<string[]>
  /**
   * Runs a function that the host offers as `functions`, and resolves to its result. Rejects with `not-found` for an
   * unknown name, with `malformed` for too few arguments, with what the function throws, and as a call does.
   */
  run(name: string, ...args: unknown[]): Promise<unknown>
  /**
   * Resolves to `dispatcher.info()` of the peer. Rejects with `unauthorized` unless `control` was granted, and as a
   * call does.
   */
  info(): Promise<DispatcherInfo>
  /** Whether the peer can be reached. */
  readonly state: PeerState
  /** Calls `listener` with each event. Returns its undo. Throws `malformed` for anything but a function. */
  on<K extends keyof PeerEvents>(event: K, listener: PeerEvents[K]): () => void
  /** Resolves to the reason when the link has ended and does not come back. Never rejects. */
  readonly closed: Promise<ActorError>
  /**
   * Closes the link, and ends the realm there if a factory made it. Resolves when it is closed.
   *
   * Such a realm first stops its actors: takes the `mode` of `stop` (`now` unless given) and a `timeout` in ms (5,000
   * unless given), after which the realm is killed. With the mode `kill` it is killed at once.
   */
  close(options?: CloseOptions): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
