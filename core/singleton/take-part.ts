import { checkCount } from '../ground/check-count.js'
import { ActorError } from '../ground/errors.js'
import type { Peer } from '../peers/peer.js'
import type { RemotePeer } from '../peers/remote-peer.js'
import { own } from '../proxy/proxy.js'
import { closed } from '../realm/closing.js'
import { hostsOf } from '../realm/hosting.js'
import { requireRealm } from '../realm/realm.js'
import type { ActorClass, AnySpawnOptions } from '../supervision/spawn-options.js'
import type { Connector } from '../transport/transport.js'
import type { Platform } from './platform.js'
import type { sharedHost } from './peer-host.js'
import { Singleton } from './singleton.js'
import { tabHost } from './tab-host.js'

/** What the options of `singleton` add to those of `spawn`. Times are in milliseconds. */
export interface SingletonRest {
  /** What the singleton is called in all tabs, and its state in the store. */
  readonly name: string
  /**
   * Time after which another tab takes over from one that is silent, 5,000 unless given. Some 2,000 or more: browsers let
   * pages that are hidden run once in a second.
   */
  readonly lease?: number
  /** The version of the application: a whole number, 0 unless given. A tab with a later one takes over. */
  readonly version?: number
  /**
   * What `sharedWorker(…)` returns: the actor runs in that SharedWorker, whose file calls `host({ Cart })`. Unless given,
   * or where the platform has no SharedWorker, it runs in the tab that leads; given a key instead of the class, `singleton`
   * rejects with `no-worker` there.
   */
  readonly home?: Connector
}

/** What is needed of a dispatcher. */
export interface Connecting {
  connect(connector: Connector): Promise<Peer>
}

type Shares = typeof sharedHost

const LEASE = 5_000

/**
 * Takes part in the singleton of that name. Takes a class, or its key in the home. Resolves to the proxy. Rejects as the
 * function `singleton` does.
 */
export async function takePart(
  platform: Platform | undefined,
  dispatcher: Connecting,
  actor: unknown,
  options: AnySpawnOptions & SingletonRest,
): Promise<object> {
  const realm = requireRealm(dispatcher, 'singleton takes a dispatcher')
  const { lease = LEASE, version = 0, home, ...spawned } = options ?? {}
  const { name } = spawned
  if (!platform)
    throw new ActorError('start-failed', 'there are no Web Locks here: load the page over https:, or from localhost')
  realm.names.check(name)
  checkCount('lease', lease, 1)
  checkCount('version', version)
  const hosts = hostsOf(actor)
  const shares = home?.hosts as Shares | undefined
  if (home ? !shares : !hosts)
    throw new ActorError(
      'malformed',
      "singleton takes a class that extends Actor; or its key, and as the 'home' what sharedWorker(…) returns",
    )
  const kind = (actor as { readonly name?: string }).name ?? (actor as string)
  const find = (): Singleton | undefined => realm.names.get(`/${name}`) as Singleton | undefined
  const shared = find()
    ? undefined
    : await shares?.(() => dispatcher.connect(home!) as Promise<RemotePeer>, kind, spawned, hosts)
  if (realm.closed) throw closed()
  const known = find()
  if (known && known.of !== actor)
    throw new ActorError('name-taken', `'${name}' is the singleton of another class here`)
  const singleton =
    known ??
    new Singleton(
      realm,
      platform,
      name,
      kind,
      version,
      lease,
      actor,
      shared ?? tabHost(realm, platform, hosts!(realm), actor as ActorClass, spawned),
    )
  await singleton.ready.promise
  return own(singleton)
}
