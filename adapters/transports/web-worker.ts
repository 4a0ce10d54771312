import {
  type Actors,
  ActorError,
  type Connector,
  type HostOptions,
  hostOn,
  single,
  pair,
  type Transport,
} from '../../core/adapter.js'
import { type PortLike, PortTransport } from '../base/port.js'
import { startFailed } from '../base/start-failed.js'

/** The part of a `Worker` that is used. */
export interface WebWorker extends PortLike {
  terminate(): void
}

export interface WebWorkerOptions {
  /** Actors to run in this realm where the platform has no Worker. */
  readonly inline?: Actors
}

interface Locks {
  request(name: string, work: () => Promise<void>): Promise<void>
  request(name: string, options: { signal: AbortSignal }, work: () => void): Promise<void>
}

declare const AbortController: new () => { readonly signal: AbortSignal; abort(): void }

const LOCK = 'troupe-lock:'

const platform = globalThis as {
  readonly Worker?: unknown
  readonly WorkerGlobalScope?: abstract new () => object
  readonly navigator?: { readonly locks?: Locks }
}
const locks = (): Locks | undefined => platform.navigator?.locks

/**
 * Links with a Web Worker whose file calls `host`.
 *
 * Given a function it owns the worker: closing the link ends it. Given a `Worker` it does not.
 */
export function webWorker(source: WebWorker | (() => WebWorker), options: WebWorkerOptions = {}): Connector {
  return { open: () => open(source, options) }
}

/** Offers `actors` to the page that started this worker. Call it once, in the worker's file. */
export function host<A extends Actors>(actors: A, options: HostOptions = {}): A {
  if (!platform.WorkerGlobalScope || globalThis instanceof platform.WorkerGlobalScope === false) {
    throw new ActorError('no-worker', 'host() was called outside a worker; use it in the worker file only')
  }
  const port = globalThis as unknown as PortLike
  // A worker that ends tells nobody. A lock held for as long as it lives does; only then is anybody served.
  // Where there are no locks, or none for this origin, the heartbeat has to do.
  const serve = (locked: boolean): void =>
    void hostOn(single(new PortTransport(port, { heartbeat: () => !locked, end: () => {} })), actors, options)
  const lock = LOCK + Math.random().toString(36).slice(2)
  const hold = (): Promise<void> => {
    port.postMessage(lock, [])
    serve(true)
    return new Promise<void>(() => {})
  }
  const held = locks()?.request(lock, hold)
  if (held) held.catch(() => serve(false))
  else serve(false)
  return actors
}

function open(source: WebWorker | (() => WebWorker), options: WebWorkerOptions): Transport {
  const owned = typeof source === 'function'
  if (owned && platform.Worker === undefined) return inline(options)
  let worker: WebWorker
  try {
    worker = owned ? source() : source
  } catch (error) {
    throw startFailed(source, error)
  }
  let loaded = false
  let locked = false
  const watch = new AbortController()
  const transport = new PortTransport(worker, {
    heartbeat: () => !locked,
    end: () => {
      watch.abort()
      if (owned) worker.terminate()
    },
    intercept: (data) => {
      loaded = true
      if (typeof data !== 'string' || !data.startsWith(LOCK)) return false
      const died = (): void => transport.fail(new ActorError('unreachable', 'the worker ended'))
      locked = true
      locks()
        ?.request(data, { signal: watch.signal }, died)
        .catch(() => {})
      return true
    },
  })
  const failed = (event: { message?: string; filename?: string }): void => {
    if (!loaded)
      transport.fail(startFailed(source, new Error(event.message ?? 'it could not be loaded'), event.filename))
  }
  worker.addEventListener!('error', failed)
  return transport
}

function inline({ inline: actors }: WebWorkerOptions): Transport {
  if (!actors)
    throw new ActorError(
      'no-worker',
      'there is no Worker here; give webWorker(…, { inline: actors }) to run them in this realm',
    )
  const [near, far] = pair()
  hostOn(far, actors)
  return near
}
