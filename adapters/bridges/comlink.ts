import { proxyMarker, type Remote, transferHandlers } from 'comlink'
import { checkAskOptions } from '../../core/message/ask.js'
import { DISPOSE } from '../../core/ground/dispose.js'
import { ActorError } from '../../core/ground/errors.js'
import { TRUSTED } from '../../core/ground/limits.js'
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

export interface ExposeOptions {
  /** Origins of windows that may call, beside our own; theirs are told no stacks. Ports and workers have no origin. */
  readonly origins?: readonly string[]
}

export interface ComlinkExposure extends Disposable {
  /** Ends the exposure: calls at hand are answered with `stopped`, later ones not at all. Closes the endpoint if it is a port. */
  close(): void
}

export interface FromComlinkOptions {
  /** Milliseconds that each call may take until it rejects with `timeout`; forever unless given. */
  readonly timeout?: number
  /**
   * Milliseconds of silence after which a service that owes an answer is asked whether it is there, where the platform
   * does not tell; as many again, and it is given up. 15,000 unless given. `Infinity` for one that computes for longer.
   */
  readonly heartbeat?: number
}

/** Comlink's own type for what is called from afar; disposing it releases the service. */
export type ComlinkRemote<T> = Remote<T> & Disposable

/**
 * Lets a Comlink client at the other end of the endpoint call an actor, wherever it is: `Comlink.wrap(endpoint)` there.
 *
 * Its methods can be called, the properties that it exposes read and written, and nothing else can be reached. Functions, proxies and streams in results, and
 * callbacks in arguments, go by reference. Errors arrive with their fields: an `ActorError` with its `code` and `ran`.
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
 * Calls what a worker or a page exposes with `Comlink.expose`. Every call settles: when the service is gone as `unknown`
 * if it was in flight, as `unreachable` if it comes later.
 */
export function fromComlink<T>(endpoint: ComlinkEndpoint, options: FromComlinkOptions = {}): ComlinkRemote<T> {
  const timeout = checkAskOptions(options)?.timeout ?? Infinity
  const patience = { timeout, heartbeat: options.heartbeat ?? TRUSTED.heartbeat }
  return new Client(endpoint, { ...patience, ends: endsFor(patience) }).remote() as ComlinkRemote<T>
}

const UNBOUNDED = { timeout: Infinity, heartbeat: TRUSTED.heartbeat }

/** What stands at the ports that cross with values, and at those that cross with these. */
function endsFor(patience: Pick<ClientOptions, 'timeout' | 'heartbeat'>): Ends {
  const ends: Ends = {
    serve: (target, port, ended) => new Service(target, port, { ends, isPart: true, ended }),
    call(port, ended) {
      const client = new Client(port, { ...patience, ends, isPart: true, ended })
      return { remote: client.remote(), end: (reason) => client.end(reason) }
    },
  }
  return ends
}
