import {
  type Actors,
  ActorError,
  type Codec,
  type Connector,
  type HostOptions,
  hostOn,
  single,
} from '../../core/adapter.js'
import { inlineActors, openWorker } from '../base/browser-worker.js'
import { type PortLike, PortTransport } from '../base/port.js'

/** The part of a `Worker` that is used. */
export interface WebWorker extends PortLike {
  terminate(): void
}

export interface WebWorkerOptions {
  /** Actors to run in this realm where the platform has no Worker. */
  readonly inline?: Actors
  /**
   * How frames are written, `flat` unless given: `adaptive`, from 'troupe/adapter', writes many of them as bytes where
   * the worker's `host` has it too.
   */
  readonly codec?: Codec
}

const platform = globalThis as {
  readonly Worker?: unknown
  readonly DedicatedWorkerGlobalScope?: abstract new () => object
}

/**
 * Links with a Web Worker whose file calls `host`.
 *
 * Given a function it owns the worker: closing the link ends it, and one that died is started again. Given a `Worker`
 * it does neither.
 */
export function webWorker(source: WebWorker | (() => WebWorker), options: WebWorkerOptions = {}): Connector {
  const owned = typeof source === 'function'
  return {
    returns: owned,
    open: () =>
      owned && platform.Worker === undefined
        ? inlineActors('Worker', options.inline)
        : openWorker(source, (worker, heard) => ({
            port: worker,
            options: {
              codec: options.codec,
              dependent: 'other',
              sameOrigin: true,
              heard,
              end: () => owned && worker.terminate(),
            },
          })),
  }
}

export interface WebWorkerHostOptions extends HostOptions {
  /** As in `WebWorkerOptions`: `adaptive` where the page has it too. */
  readonly codec?: Codec
}

/** Offers `actors` to the page that started this worker. Call it once, in the worker's file. */
export function host<A extends Actors>(actors: A, options: WebWorkerHostOptions = {}): A {
  const { DedicatedWorkerGlobalScope } = platform
  if (!DedicatedWorkerGlobalScope || globalThis instanceof DedicatedWorkerGlobalScope === false) {
    throw new ActorError('no-worker', 'host() was called outside a worker; use it in the worker file only')
  }
  const port = globalThis as unknown as PortLike
  const { codec } = options
  const transport = new PortTransport(port, { codec, dependent: 'this', sameOrigin: true, end: () => {} })
  return hostOn(single(transport), actors, options)
}
