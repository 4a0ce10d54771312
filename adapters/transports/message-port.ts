import {
  type Actors,
  ActorError,
  adaptive,
  type Connector,
  type HostOptions,
  hostOn,
  single,
  takeShortcuts,
  type Transport,
} from '../../core/adapter.js'
import { given, has } from '../base/given.js'
import { type PortLike, PortTransport } from '../base/port.js'
import { isWindow, Opposite, type WindowLike, type WindowOptions } from '../base/window.js'

export type { PortLike, WindowLike, WindowOptions }

/** A port, and no window: a window has to come with its origin. */
type OnlyPort = PortLike & { readonly window?: never }

/**
 * Links over a `MessagePort`, whose other end calls `host` or connects as well; or with a window whose page calls
 * `host`, such as `iframe.contentWindow`, or `window.parent` from a frame. A page of the same origin is trusted, any
 * other is not.
 *
 * Takes the port; or the window and `origin`, the exact origin of its page. Returns what `connect` takes. Throws
 * `origin` for a window without an exact origin.
 */
export function messagePort(port: OnlyPort): Connector
export function messagePort(window: WindowLike, options: WindowOptions): Connector
export function messagePort(target: PortLike | WindowLike, { origin }: Partial<WindowOptions> = {}): Connector {
  if (!isWindow(target)) return { brings: takeShortcuts, open: () => portTransport(target) }
  const opposite = new Opposite(target, origin)
  return { brings: takeShortcuts, open: () => opposite.connect() }
}

/**
 * Offers actors to the other end of a port, or to the page of one origin in a window, as often as it connects. To give
 * the origin is to accept it; `authorize` may still refuse.
 *
 * Takes the actors by key, and `port`: a port, or a window with its `origin`. Returns the actors. Throws `origin` for
 * a window without an exact origin.
 */
export function host<A extends Actors>(
  actors: A,
  options: HostOptions & ({ readonly port: OnlyPort } | ({ readonly port: WindowLike } & WindowOptions)),
): A {
  const { port, origin } = options as { port: PortLike | WindowLike; origin?: string }
  if (!isWindow(port)) return hostOn(single(portTransport(port)), actors, options)
  return hostOn(new Opposite(port, origin).listener(), actors, { authorize: () => true, ...options })
}

function portTransport(port: PortLike): Transport {
  if (!has(port, 'postMessage') || !(has(port, 'on') || has(port, 'addEventListener')))
    throw new ActorError(
      'malformed',
      'messagePort takes a MessagePort, or a window with the origin of its page, such as ' +
        `messagePort(iframe.contentWindow, { origin: 'https://example.org' }), not ${given(port)}`,
    )
  return new PortTransport(port, { codec: adaptive })
}
