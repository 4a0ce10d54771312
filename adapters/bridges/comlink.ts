import { proxyMarker, type Remote, transferHandlers } from 'comlink'
import { checkAskOptions } from '../../core/message/ask.js'
import { DISPOSE } from '../../core/ground/dispose.js'
import { ActorError } from '../../core/ground/errors.js'
import { checkMilliseconds } from '../../core/ground/milliseconds.js'
import { represent } from '../../core/actor/hosting.js'
import { honourMark } from '../../core/proxy/marks.js'
import { requireRef } from '../../core/proxy/proxy.js'
import type { Proxy } from '../../core/proxy/proxy-types.js'
import { honourHandlers } from '../../core/wire/handlers.js'
import { Client, type ClientOptions } from './comlink-client.js'
import type { Ends } from './comlink-crossings.js'
import type { ComlinkEndpoint } from './comlink-line.js'
import { Service } from './comlink-service.js'
import { actorTarget } from './comlink-target.js'

export type { ComlinkEndpoint }

// What was made for Comlink keeps its meaning on links of our own, in each realm that imports this.
honourMark(proxyMarker, represent)
honourHandlers(transferHandlers, ['proxy', 'throw'])

/** The options of `exposeToComlink`. */
export interface ExposeOptions {
  /** Origins of windows that may call, besides the page's own. They get no stacks. Ports and workers have no origin. */
  readonly origins?: readonly string[]
}

/** The result of `exposeToComlink`. Disposing it calls `close`. */
export interface ComlinkExposure extends Disposable {
  /**
   * Ends the exposure: pending calls reject with `stopped`, later ones get no answer. Closes the endpoint if it is a
   * port.
   */
  close(): void
}

/** The options of `fromComlink`. */
export interface FromComlinkOptions {
  /** Milliseconds until a call rejects with `timeout`. No limit unless given. */
  readonly timeout?: number
  /**
   * Milliseconds of silence after which a service is pinged that has not answered a call. After as many again, its calls
   * reject with `unknown`. Unless given: 15,000 where the platform does not report its end, and never elsewhere.
   */
  readonly heartbeat?: number
}

/** The result of `fromComlink`: Comlink's type for a remote value. Disposing it releases the service. */
export type ComlinkRemote<T> = Remote<T> & Disposable

/**
 * Lets a Comlink client at the other end of an endpoint call an actor, wherever the actor is. The client calls
 * `Comlink.wrap(endpoint)`.
 *
 * The client can call the actor's methods, read and write its exposed properties, and reach nothing else. Functions,
 * proxies and streams in results, and callbacks in arguments, are passed by reference. Errors keep their fields, such
 * as `code` and `ran`.
 *
 * Takes the proxy, the endpoint (a worker, a port, `self`, or Comlink's `windowEndpoint`) and `origins`. Throws
 * `malformed` for anything that is no proxy, or no endpoint.
 */
export function exposeToComlink(
  proxy: Proxy<unknown>,
  endpoint: ComlinkEndpoint,
  { origins }: ExposeOptions = {},
): ComlinkExposure {
  requireRef(proxy)
  const service = new Service(actorTarget(proxy), endpoint, { ends: endsFor(UNBOUNDED), origins })
  const close = (): void => service.end(new ActorError('stopped', 'the actor is no longer exposed to Comlink'))
  return { close, [DISPOSE]: close }
}

/**
 * Calls what a worker or a page exposes with `Comlink.expose`.
 *
 * Returns Comlink's type for a remote value. Every call settles. When the service is gone, calls in flight reject with
 * `unknown`, later ones with `unreachable`. Calls also reject with `timeout`, `uncloneable` and what the service
 * throws.
 */
export function fromComlink<T>(endpoint: ComlinkEndpoint, options: FromComlinkOptions = {}): ComlinkRemote<T> {
  const timeout = checkAskOptions(options)?.timeout ?? Infinity
  const bounds = { timeout, heartbeat: checkMilliseconds('heartbeat', options.heartbeat) }
  return new Client(endpoint, { ...bounds, ends: endsFor(bounds) }).remote() as ComlinkRemote<T>
}

const UNBOUNDED = { timeout: Infinity, heartbeat: undefined }

/** What stands at the ports that cross with values, and at those that cross with these. */
function endsFor(bounds: Pick<ClientOptions, 'timeout' | 'heartbeat'>): Ends {
  const ends: Ends = {
    serve: (target, port, ended) => new Service(target, port, { ends, isPart: true, ended }),
    call(port, ended) {
      const client = new Client(port, { ...bounds, ends, isPart: true, ended })
      return { remote: client.remote(), end: (reason) => client.end(reason) }
    },
  }
  return ends
}
