// The room pool: spreads calls over workers, which start when they are needed and are replaced when they die.
import { ASYNC_DISPOSE } from '../ground/dispose.js'
import { checkCount } from '../ground/check-count.js'
import { ActorError } from '../ground/errors.js'
import { QUEUE } from '../ground/limits.js'
import { checkMilliseconds } from '../ground/milliseconds.js'
import type { Intensity } from '../ground/restarts.js'
import { checkAskOptions, sendAsk } from '../message/ask.js'
import { checkStopOptions, type CloseOptions } from '../message/stop-options.js'
import type { ConnectOptions } from '../peers/link-offer.js'
import type { Peer, RestOf, Spawnable, SpawnedBy } from '../peers/peer.js'
import type { RemotePeer } from '../peers/remote-peer.js'
import { borrow } from '../proxy/proxy.js'
import type { Proxy } from '../proxy/proxy-types.js'
import type { Actors } from '../realm/hosting.js'
import { requireRealm } from '../realm/realm.js'
import type { Router } from '../routing/router.js'
import type { AnySpawnOptions } from '../supervision/spawn-options.js'
import type { Connector } from '../transport/transport.js'
import { cores } from './cores.js'
import { type MapContext, mapped, type MapOptions } from './map.js'
import type { PoolEvents, PoolInfo } from './pool-info.js'
import type { Tally } from './tally.js'
import { PooledActor, PooledFunctions } from './target.js'
import { WorkerPool } from './worker-pool.js'

/** The options of `pool`. Times are in milliseconds. */
export interface PoolOptions {
  /**
   * Makes what `dispatcher.connect` takes, once for each worker: `() => webWorker(() => new Worker(…))`, and likewise with
   * `workerThread`, `childProcess` or `webSocket`. It may return a promise of that.
   */
  readonly connect: () => Connector | Promise<Connector>
  /** The key of `dispatcher.connect`, for workers that ask for one, such as servers. */
  readonly key?: ConnectOptions['key']
  /** Workers at most. The number of cores unless given; in a page one less. */
  readonly size?: number
  /** Tasks that a worker gets at a time. 1 unless given. */
  readonly concurrency?: number
  /**
   * Tasks that may wait, beside those for which workers start. 131,072 unless given. One more is rejected with `overloaded`.
   */
  readonly maxQueue?: number
  /** Time after which a worker without tasks is ended. It is kept unless given. */
  readonly idle?: number
  /**
   * Time that a task has to end after its caller gave up. Then its worker is ended, and another one takes its place. It may
   * run on unless given.
   */
  readonly grace?: number
  /** How often a task is tried again whose worker died while it may have run. 0 unless given. */
  readonly retries?: number
  /** How often workers that died or did not start are replaced. After that, tasks fail with `no-worker` for a while. */
  readonly restart?: Intensity
}

/** What `spawn` of a pool takes beside the options of `peer.spawn`. */
export interface Routed {
  /**
   * Chooses the worker of each call, which waits for that one only. A worker that replaces another one has its place.
   */
  readonly route?: Router
}

export type RoutedRest<Rest extends readonly unknown[]> = { [Index in keyof Rest]: Rest[Index] & Routed }

/** Workers that share the tasks of one queue. */
export interface Pool<A = Actors> {
  /**
   * Gives a proxy whose calls are spread over the workers.
   *
   * Takes a key of the actors that each worker hosts, and the options of `peer.spawn`. Each worker makes one actor for the
   * proxy, with its first call, so state that an actor keeps between calls is its own. A call goes to the worker with the
   * fewest tasks, or to that which a router, `route`, chooses. Throws `malformed` for a `route` that is no function. Calls
   * settle as those of any proxy do, and with `overloaded`, `no-worker`, or what the router throws.
   */
  spawn<K extends Spawnable<A>>(key: K, ...options: RoutedRest<RestOf<A, K>>): Proxy<SpawnedBy<A, K>>
  /** Runs a function that the workers offer as `functions`. Settles as `peer.run` does, or as a call of a proxy. */
  run(name: string, ...args: unknown[]): Promise<unknown>
  /**
   * Calls a function for each input, which calls actors of the pool, and gives the results as an async iterable.
   *
   * Takes an iterable or an async iterable, the function, and options. The function is called with the input, its index and
   * a signal that fires when no result is wanted any more. If it throws, so does the iterable, and no more input is read.
   */
  map<T, R>(
    inputs: Iterable<T> | AsyncIterable<T>,
    fn: (input: T, index: number, context: MapContext) => R | PromiseLike<R>,
    options?: MapOptions,
  ): AsyncIterableIterator<Awaited<R>>
  /** Sets how many workers there are at most. If there are more, the oldest end once they have no tasks. */
  resize(size: number): void
  /** What the pool does at the moment. */
  info(): PoolInfo
  /** Calls `listener` with each event. Returns its undo. */
  on<K extends keyof PoolEvents>(event: K, listener: PoolEvents[K]): () => void
  /**
   * Ends the workers. Takes the `mode` of `stop`: with `drain`, unless given, tasks that wait are done first; with `now`
   * those that run; with `kill` none. And a `timeout`, 30,000 unless given, after which the workers are killed. Resolves
   * when they have ended.
   */
  close(options?: CloseOptions): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** What a pool needs of a dispatcher. */
interface Connecting {
  connect(connector: Connector, options: ConnectOptions): Promise<Peer>
}

/**
 * Makes a pool of workers, which are started when calls need them.
 *
 * Takes the dispatcher that links with them, and options. Throws `malformed` for wrong options.
 *
 * ```ts
 * const images = pool<typeof actors>(dispatcher, {
 *   connect: () => webWorker(() => new Worker(new URL('./image.worker.ts', import.meta.url), { type: 'module' })),
 * })
 * const filter = images.spawn('Filter')
 * for await (const tile of images.map(tiles, (each) => filter.apply(each))) draw(tile)
 * ```
 */
export function pool<A = Actors>(dispatcher: Connecting, options: PoolOptions): Pool<A> {
  const realm = requireRealm(dispatcher, 'pool takes a dispatcher, and options')
  const given = Object(options) as PoolOptions
  const { connect, key, concurrency = 1, maxQueue = QUEUE, retries = 0, restart, size = cores() } = given
  if (typeof connect !== 'function')
    throw new ActorError('malformed', "'connect' of a pool is a function that returns what dispatcher.connect takes")
  checkCount('size', size, 1)
  checkCount('concurrency', concurrency, 1)
  checkCount('maxQueue', maxQueue)
  checkCount('retries', retries)
  const idle = checkMilliseconds('idle', given.idle) ?? Infinity
  const grace = checkMilliseconds('grace', given.grace)
  // A pool brings its workers back itself.
  const dial = async (): Promise<RemotePeer> =>
    (await dispatcher.connect(await connect(), { restart: { max: 0 }, key })) as RemotePeer
  const workers = new WorkerPool(realm, dial, { size, concurrency, maxQueue, retries, idle, grace, restart })
  const functions = new PooledFunctions(realm, 'function', workers)
  const close = (given?: CloseOptions): Promise<void> => workers.close(checkStopOptions(given))
  return {
    spawn(key, ...[given]) {
      const { route, ...options }: Routed & AnySpawnOptions = given ?? {}
      if (route !== undefined && typeof route !== 'function')
        throw new ActorError('malformed', "'route' is a router, such as roundRobin()")
      return borrow(new PooledActor(realm, key, workers, spawner(key, options, concurrency), route)) as never
    },
    run: (name, ...args) => sendAsk(functions, name, args),
    map(inputs, fn, options) {
      const given = options ?? {}
      checkAskOptions(given)
      if (typeof fn !== 'function') throw new ActorError('malformed', 'map takes inputs, and a function of an input')
      const many = given.concurrency ?? 2 * workers.size * concurrency
      checkCount('concurrency', many, 1)
      return mapped(inputs, fn, many, given)
    },
    resize(count) {
      checkCount('size', count, 1)
      workers.resize(count)
    },
    info: () => workers.info,
    on: (event, listener) => workers.events.on(event, listener),
    close,
    [ASYNC_DISPOSE]: close,
  } as Pool<A>
}

/** Makes the actor of one worker. What it begins can be counted where it has no options that change what it begins when. */
function spawner(key: string, given: AnySpawnOptions, concurrency: number) {
  const isPlain = Object.keys(given).every((name) => name === 'args')
  return (peer: RemotePeer, tally?: Tally): Promise<object> => {
    if (!peer.link.trusted) return peer.spawn(key, given)
    const started = isPlain && tally ? { started: tally.memory } : {}
    return peer.spawn(key, { ...given, pooled: { concurrency, ...started } })
  }
}
