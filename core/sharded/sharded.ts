import { ActorError } from '../ground/errors.js'
import { membersOf } from '../group/members.js'
import { borrow } from '../proxy/proxy.js'
import type { Proxy } from '../proxy/proxy-types.js'
import { closed } from '../realm/closing.js'
import { type HostedClass, hostsOf } from '../realm/hosting.js'
import { type Realm, requireRealm } from '../realm/realm.js'
import type { ActorClass, AnySpawnOptions } from '../supervision/spawn-options.js'
import { nameOfClass } from './class-name.js'
import { checkKey } from './key.js'
import { ownerOf } from './ownership.js'
import { Shard } from './shard.js'
import { Shards } from './shards.js'
import { View } from './view.js'

/** The options of `sharded`: those of `spawn` which all its actors have. */
export interface ShardedOptions extends Pick<
  AnySpawnOptions,
  'restart' | 'decide' | 'strategy' | 'retries' | 'mailbox'
> {
  /** What the actors are called in all realms. The name of the class unless given; bundles for production need it. */
  readonly name?: string
}

/** Actors of one class, each with a key: one for each key in all linked realms. */
export interface Sharded<A> {
  readonly name: string
  /**
   * The proxy of the actor of a key, a text of 1 to 256 characters. The first call starts the actor where its key belongs. The
   * proxy stays valid when the actor goes to another realm. Throws `malformed`.
   */
  get(key: string): Proxy<A>
  /** Resolves to the id of the dispatcher that a key belongs to now; undefined where no realm runs these actors. */
  owner(key: string): Promise<string | undefined>
}

/** A dispatcher, as far as sharded actors need it. */
interface Sharding {
  readonly id: string
}

interface Known extends Sharded<unknown> {
  readonly of: unknown
}

const known = new WeakMap<Realm, Map<string, Known>>()

/**
 * Spreads the actors of a class over all linked realms that call this with the class: each key has one actor, in the realm that
 * owns the key. When a realm comes or goes, actors whose keys then belong to another realm stop, and start there with their
 * stored state: make the class durable, with a store that all these realms share. The constructor gets the key.
 *
 * Calls that were under way are sent again. A durable actor handles each once, within its `window`; of any other actor, calls
 * that may have been handled reject with `unknown`. Calls wait for a realm that runs the actor as long as it takes to notice
 * that a realm is gone (twice the limit `heartbeat`), and the limit `early`: 35 s unless given. Then they reject with
 * `unreachable`.
 *
 * Takes a dispatcher, a class that extends `Actor`, and options. A realm that only calls gives the name of the class instead.
 * Throws `malformed` for wrong ones, and `name-taken` if another class has that name here.
 *
 * ```ts
 * const rooms = sharded(dispatcher, Room, { name: 'Room' })
 * await rooms.get('lobby').say('hello')
 * ```
 */
export function sharded<C extends HostedClass & (new (key: string) => object)>(
  dispatcher: Sharding,
  actor: C,
  options?: ShardedOptions,
): Sharded<InstanceType<C>>
export function sharded<A>(dispatcher: Sharding, name: string): Sharded<A>
export function sharded(dispatcher: Sharding, actor: unknown, options: ShardedOptions = {}): Sharded<unknown> {
  const realm = requireRealm(dispatcher, 'sharded takes a dispatcher, and a class that extends Actor or its name')
  const hosts = hostsOf(actor)
  if (typeof actor !== 'string' && (typeof actor !== 'function' || !hosts))
    throw new ActorError('malformed', 'sharded takes a class that extends Actor, or the name of one')
  if (typeof options !== 'object' || options === null)
    throw new ActorError('malformed', "the options of sharded are an object, such as { name: 'room' }")
  const { name = typeof actor === 'string' ? actor : nameOfClass(actor as ActorClass), ...spawned } = options
  if (name === undefined)
    throw new ActorError('malformed', `sharded needs the option ${'name'} here: bundlers shorten the names of classes`)
  realm.names.check(name)
  if (realm.closed) throw closed()
  const all = known.get(realm) ?? new Map<string, Known>()
  known.set(realm, all)
  const before = all.get(name)
  if (before && (typeof actor === 'string' || before.of === actor)) return before
  if (before && typeof before.of !== 'string')
    throw new ActorError('name-taken', `'${name}' are the actors of another class here`)
  const made = make(realm, name, actor)
  if (hosts) new Shards(realm, hosts(realm), actor as ActorClass, name, spawned, made.view)
  all.set(name, made)
  return made
}

function make(realm: Realm, name: string, of: unknown): Known & { readonly view: View } {
  const view = new View(membersOf(realm), name)
  const shards = new Map<string, WeakRef<Shard>>()
  const gone = new FinalizationRegistry<string>((key) => {
    if (!shards.get(key)?.deref()) shards.delete(key)
  })
  return {
    name,
    of,
    view,
    get(key) {
      let shard = shards.get(checkKey(key))?.deref()
      if (!shard) {
        shard = new Shard(realm, view, name, key)
        shards.set(key, new WeakRef(shard))
        gone.register(shard, key)
      }
      return borrow(shard) as Proxy<unknown>
    },
    async owner(key) {
      return ownerOf(checkKey(key), (await view.gates()).keys())
    },
  }
}
