import {
  type Actors,
  ActorError,
  type Codec,
  type Connector,
  type HostOptions,
  hostOn,
  returning,
} from '../../core/adapter.js'
import { inlineActors, openWorker } from '../base/browser-worker.js'
import { given, has } from '../base/given.js'
import { hostPort } from '../base/host-port.js'
import type { PortLike } from '../base/port.js'
import { fileOf } from '../base/start-failed.js'

/** The part of a `Worker` that is used. */
export interface WebWorker extends PortLike {
  terminate(): void
}

/** The options of `webWorker`. */
export interface WebWorkerOptions {
  /** Actors to run in this realm if the platform has no Worker. */
  readonly inline?: Actors
  /**
   * How frames are written. With `adaptive` from 'troupe/adapter', here and in the worker's `host`, hundreds of calls
   * in flight are faster.
   */
  readonly codec?: Codec
}

const platform = globalThis as {
  readonly Worker?: unknown
  readonly DedicatedWorkerGlobalScope?: abstract new () => object
  readonly document?: unknown
  readonly Bun?: { readonly isMainThread?: boolean }
}

/**
 * Links with a Web Worker whose file calls `host`.
 *
 * Takes a function that makes a `Worker`: closing the link ends the worker, and one that died is started again. Or
 * takes a `Worker`, which is neither ended nor started again. Returns what `connect` takes, which rejects with
 * `start-failed` if the worker can't load, and with `no-worker` if the platform has no Worker and no `inline` was
 * given.
 */
export function webWorker(source: WebWorker | (() => WebWorker), options: WebWorkerOptions = {}): Connector {
  const owned = typeof source === 'function'
  return {
    returns: owned && returning,
    file: fileOf(source),
    open: () =>
      owned && platform.Worker === undefined
        ? inlineActors('Worker', options.inline)
        : openWorker(source, (worker, heard) => {
            if (!has(worker, 'postMessage', 'addEventListener', 'terminate'))
              throw new ActorError(
                'malformed',
                "webWorker takes a Worker, or a function that returns one, such as () => new Worker(new URL('./actors.worker.js', " +
                  `import.meta.url), { type: 'module' }), not ${given(worker)}`,
              )
            return {
              port: worker,
              options: {
                codec: options.codec,
                dependent: 'other',
                sameOrigin: true,
                heard,
                end: () => owned && worker.terminate(),
              },
            }
          }),
  }
}

/** The options of `host`. */
export interface WebWorkerHostOptions extends HostOptions {
  /** How frames are written: `adaptive` if the page gives it, too. */
  readonly codec?: Codec
}

/**
 * Offers actors to the page that started this worker. Call it once, in the worker's file.
 *
 * Takes classes that the page may spawn, and objects that are running actors, by key. Returns them. Throws `no-worker`
 * outside of a Web Worker.
 */
export function host<A extends Actors>(actors: A, options: WebWorkerHostOptions = {}): A {
  if (!isInWorker())
    throw new ActorError('no-worker', 'host() was called outside a worker; use it in the worker file only')
  const port = globalThis as unknown as PortLike
  const { codec } = options
  // The page ends the worker.
  const end = { leave: () => {} }
  return hostOn(hostPort(port, { codec, dependent: 'this', sameOrigin: true }), actors, options, end)
}

/** A worker of Bun has no class of its scope. Its functions are there, and in the main thread of Bun, too. */
function isInWorker(): boolean {
  const { DedicatedWorkerGlobalScope, document, Bun } = platform
  if (DedicatedWorkerGlobalScope) return globalThis instanceof DedicatedWorkerGlobalScope
  return has(globalThis, 'postMessage', 'addEventListener') && !document && Bun?.isMainThread !== true
}
