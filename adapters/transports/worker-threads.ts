import { parentPort } from 'node:worker_threads'
import {
  type Actors,
  ActorError,
  adaptive,
  type Connector,
  type HostOptions,
  hostOn,
  returning,
  takeShortcuts,
  type Transport,
} from '../../core/adapter.js'
import { given, has } from '../base/given.js'
import { hostPort } from '../base/host-port.js'
import { type PortLike, PortTransport } from '../base/port.js'
import { afterTurn } from '../base/after-turn.js'
import { fileOf, startFailed } from '../base/start-failed.js'

/** The part of a Node `Worker` that is used. */
export interface WorkerThread extends PortLike {
  /** -1 once the thread has ended. */
  readonly threadId?: number
  terminate(): Promise<unknown>
}

/**
 * Links with a worker thread whose file calls `host`.
 *
 * Takes a function that makes a `Worker`: closing the link ends the thread, and one that died is started again. Or
 * takes a `Worker`, which is neither ended nor started again. Returns what `connect` takes, which rejects with
 * `start-failed` if the thread does not start.
 */
export function workerThread(source: WorkerThread | (() => WorkerThread)): Connector {
  return {
    returns: typeof source === 'function' && returning,
    file: fileOf(source),
    brings: takeShortcuts,
    open: () => open(source),
  }
}

/**
 * Offers actors to the thread that started this one. Call it once, in the worker's file.
 *
 * Takes classes that it may spawn, and objects that are running actors, by key. Returns them. Throws `no-worker`
 * outside of a worker thread.
 */
export function host<A extends Actors>(actors: A, options: HostOptions = {}): A {
  if (!parentPort)
    throw new ActorError('no-worker', 'host() was called outside a worker thread; use it in the worker file only')
  return hostOn(hostPort(parentPort, { codec: adaptive }), actors, options, {
    leave: () => afterTurn(() => process.exit()),
  })
}

function open(source: WorkerThread | (() => WorkerThread)): Transport {
  const owned = typeof source === 'function'
  let loaded = false
  let failure: unknown
  let worker: WorkerThread
  try {
    worker = owned ? source() : source
  } catch (error) {
    throw startFailed(source, error)
  }
  if (!has(worker, 'postMessage', 'on', 'terminate'))
    throw new ActorError(
      'malformed',
      'workerThread takes a Worker of node:worker_threads, or a function that returns one, such as ' +
        `() => new Worker(new URL('./actors.worker.js', import.meta.url)), not ${given(worker)}`,
    )
  if (worker.threadId === -1) {
    if (owned) throw startFailed(source, undefined, 'it has ended')
    throw new ActorError('unreachable', 'the worker thread has ended')
  }
  const transport = new PortTransport(worker, {
    codec: adaptive,
    end: () => owned && worker.terminate(),
    heard: () => (loaded = true),
  })
  worker.on!('error', (error: unknown) => (failure = error))
  worker.on!('exit', (code: unknown) =>
    transport.fail(
      loaded || !owned
        ? new ActorError('unreachable', `the worker thread ended with code ${String(code)}`, { cause: failure })
        : startFailed(source, failure, `it ended with code ${String(code)} before it called host()`),
    ),
  )
  return transport
}
