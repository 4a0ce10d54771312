import {
  type Actors,
  ActorError,
  adaptive,
  type Connector,
  type HostOptions,
  hostOn,
  listener,
  takeShortcuts,
  type Transport,
} from '../../core/adapter.js'
import { inlineActors, openWorker } from '../base/browser-worker.js'
import { endWhenPutAway } from '../base/page.js'
import { type PortLike, PortTransport } from '../base/port.js'

/** The part of a `SharedWorker` that is used. */
export interface SharedWorkerLike {
  readonly port: PortLike
  // oxlint-disable-next-line typescript/no-explicit-any -- the platform's own listener types differ with the event.
  addEventListener?(type: any, listener: any): void
}

export interface SharedWorkerOptions {
  /** Actors to run in this realm where the platform has no SharedWorker. */
  readonly inline?: Actors
}

const platform = globalThis as {
  readonly SharedWorker?: unknown
  readonly SharedWorkerGlobalScope?: abstract new () => object
}

/**
 * Links with a SharedWorker whose file calls `host`, one for all pages that name it alike. Closing the link never ends it.
 *
 * Given a function, the link comes back when the worker died: whichever page is first starts it again for all.
 */
export function sharedWorker(
  source: SharedWorkerLike | (() => SharedWorkerLike),
  options: SharedWorkerOptions = {},
): Connector {
  const owned = typeof source === 'function'
  let shown: Promise<void> | undefined
  return {
    returns: owned,
    brings: takeShortcuts,
    open: async () => {
      if (owned && platform.SharedWorker === undefined) return inlineActors('SharedWorker', options.inline)
      await shown
      const transport = openWorker(source, ({ port }, heard) => ({
        port,
        options: { codec: adaptive, sameOrigin: true, heard },
      }))
      endWhenPutAway(transport, (again) => void (shown = again))
      return transport
    },
  }
}

/** Offers `actors` to every page that comes. Call it once, in the worker's file, before anything is awaited there. */
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
