import type { Grant } from '../link/session/handshake.js'
import type { Ref } from '../message/ref.js'
import type { StopOptions } from '../message/stop-options.js'
import type { Represent } from '../proxy/marks.js'
import type { Origin } from '../supervision/origin.js'
import type { ActorClass, AnySpawnOptions } from '../supervision/spawn-options.js'
import type { DispatcherInfo } from './dispatcher-info.js'
import type { Realm } from './realm.js'

/**
 * What `host`, `listen`, `join` and `connect` offer to peers, by key: a class can be spawned, an object is a running
 * actor of that name.
 */
export type Actors = Readonly<Record<string, ActorClass | object>>

/** What is offered to peers, as far as it concerns actors. */
export interface Offering {
  readonly actors?: Actors
  /** Names that a peer may give unless its grant says which. */
  readonly names?: readonly string[]
  /** Decides which peers are accepted, and what they may do. */
  readonly authorize?: unknown
}

/** What hosts the actors of a realm. A realm has none until it is given something that brings it. */
export interface Hosting {
  /** What `dispatcher.info()` says of actors. */
  info(): Pick<DispatcherInfo, 'actors' | 'terminated' | 'stalled'>
  /** Makes an actor and starts it. */
  spawn(actor: ActorClass, options?: AnySpawnOptions, origin?: Origin): Promise<Ref>
  /** The actor that stands for a value which travels by reference. */
  readonly represent: Represent
  /** The object that an actor stands for, where it does. */
  valueOf(ref: Ref): object | undefined
  /** Throws `malformed`, or `name-taken` where another actor has it as its name, or was given it as its id. */
  checkName(name: string, of?: Ref): void
  /** What peers may spawn; objects run from now on. Rejects with `malformed`. */
  offer(offering: Offering): Promise<Offered>
  /** Stops every actor. */
  close(options: StopOptions): Promise<void>
}

/** The link of a peer that spawns. */
export interface Spawner {
  readonly open: boolean
  readonly trusted: boolean
  readonly grant: Grant
  readonly closed: Promise<unknown>
  /** Tells the peer when the actor ends. */
  tellEnd(ref: Ref): void
}

/** Actors that peers may spawn, by key. */
export interface Offered {
  keys(grant: Grant): string[]
  /** `start` starts it in place of the usual start. Rejects with `not-found`, `quota`, `unauthorized`, or what `spawn` does. */
  spawn(link: Spawner, key: unknown, options: unknown, start?: Origin['start']): Promise<Ref>
}

/** The hosting of a realm, made when it is first asked for. */
export type Hosts = (realm: Realm) => Hosting

/**
 * Under this, a value that brings hosting has it: `Actor`, and with it each class that extends it, listeners and buses, and
 * `movable`, which brings moves as well.
 */
export const HOSTS: unique symbol = Symbol('hosts')

/** A class that `dispatcher.spawn` takes: it extends `Actor`, or `actor(Class)` returned it. */
export type HostedClass = ActorClass & { readonly [HOSTS]: Hosts }

/** What a class says with `static movable`, if it does. */
export const movableOf = (actor: object): Hosts | undefined =>
  (actor as { readonly movable?: Partial<Pick<HostedClass, typeof HOSTS>> | null }).movable?.[HOSTS]

/** What a class, or an instance of one, brings. */
export const hostsOf = (value: unknown): Hosts | undefined =>
  ((typeof value === 'function' ? value : (Object(value) as object).constructor) as Partial<HostedClass> | undefined)?.[
    HOSTS
  ]
