import {
  type Actors,
  ActorError,
  adaptive,
  type Connector,
  type HostOptions,
  hostOn,
  listener,
  returning,
  sharedHost,
  takeShortcuts,
  type Transport,
} from '../../core/adapter.js'
import { inlineActors, openWorker } from '../base/browser-worker.js'
import { endWhenPutAway, shownAgain } from '../base/page.js'
import { given, has } from '../base/given.js'
import { type PortLike, PortTransport } from '../base/port.js'
import { fileOf } from '../base/start-failed.js'

/** The part of a `SharedWorker` that is used. */
export interface SharedWorkerLike {
  readonly port: PortLike
  // oxlint-disable-next-line typescript/no-explicit-any -- the platform's own listener types differ with the event.
  addEventListener?(type: any, listener: any): void
}

/** The options of `sharedWorker`. */
export interface SharedWorkerOptions {
  /** Actors to run in this realm if the platform has no SharedWorker. */
  readonly inline?: Actors
}

const platform = globalThis as {
  readonly SharedWorker?: unknown
  readonly SharedWorkerGlobalScope?: abstract new () => object
}

/**
 * Links with a SharedWorker whose file calls `host`. All pages of an origin that give the same URL and name share one.
 * Closing the link does not end it.
 *
 * Takes a function that makes a `SharedWorker`: if the worker dies, the first page that notices starts it again. Or
 * takes a `SharedWorker`. Returns what `connect` takes, which rejects with `start-failed` if the worker can't load,
 * and with `no-worker` if the platform has no SharedWorker and no `inline` was given.
 */
export function sharedWorker(
  source: SharedWorkerLike | (() => SharedWorkerLike),
  options: SharedWorkerOptions = {},
): Connector {
  const owned = typeof source === 'function'
  let shown: Promise<void> | undefined
  return {
    returns: owned && returning,
    file: fileOf(source),
    brings: takeShortcuts,
    hosts: owned ? sharedHost : undefined,
    open: async () => {
      if (owned && platform.SharedWorker === undefined) return inlineActors('SharedWorker', options.inline)
      await shown
      const transport = openWorker(source, (worker, heard) => {
        if (!has(worker, 'addEventListener') || !has(worker.port, 'postMessage'))
          throw new ActorError(
            'malformed',
            "sharedWorker takes a SharedWorker, or a function that returns one, such as () => new SharedWorker(new URL('./actors.worker.js', " +
              `import.meta.url), { type: 'module' }), not ${given(worker)}`,
          )
        return { port: worker.port, options: { codec: adaptive, sameOrigin: true, heard } }
      })
      endWhenPutAway(transport, () => void (shown = shownAgain()))
      return transport
    },
  }
}

/**
 * Offers actors to all pages that connect. Call it once, in the worker's file, before the first `await` there.
 *
 * Takes classes that pages may spawn, and objects that are running actors, by key. Returns them. Throws `no-worker`
 * outside of a SharedWorker.
 */
export function host<A extends Actors>(actors: A, options: HostOptions = {}): A {
  const { SharedWorkerGlobalScope } = platform
  if (!SharedWorkerGlobalScope || globalThis instanceof SharedWorkerGlobalScope === false) {
    throw new ActorError('no-worker', 'host() was called outside a shared worker; use it in the worker file only')
  }
  const early: Transport[] = []
  let accept = (transport: Transport): void => void early.push(transport)
  const scope = globalThis as unknown as {
    addEventListener(type: 'connect', listener: (event: { ports: PortLike[] }) => void): void
  }
  scope.addEventListener('connect', ({ ports: [port] }) =>
    accept(new PortTransport(port!, { codec: adaptive, sameOrigin: true })),
  )
  const pages = listener(async (take) => {
    accept = take
    for (const transport of early.splice(0)) take(transport)
    return { close: async () => void (accept = (transport) => transport.close()) }
  })
  return hostOn(pages, actors, options)
}
