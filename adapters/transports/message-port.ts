import {
  type Actors,
  adaptive,
  type Connector,
  type HostOptions,
  hostOn,
  single,
  takeShortcuts,
} from '../../core/adapter.js'
import { type PortLike, PortTransport } from '../base/port.js'
import { isWindow, Opposite, type WindowLike, type WindowOptions } from '../base/window.js'

export type { PortLike, WindowLike, WindowOptions }

/** A port, and no window: a window has to come with its origin. */
type OnlyPort = PortLike & { readonly window?: never }

/**
 * Links over a MessagePort whose other end hosts actors, or connects as well; or with a window whose page hosts them:
 * `iframe.contentWindow`, and from the frame `window.parent`. A page of our own origin is trusted, any other is not.
 *
 * Throws `origin` for a window without the exact origin of its page.
 */
export function messagePort(port: OnlyPort): Connector
export function messagePort(window: WindowLike, options: WindowOptions): Connector
export function messagePort(target: PortLike | WindowLike, { origin }: Partial<WindowOptions> = {}): Connector {
  if (!isWindow(target)) return { brings: takeShortcuts, open: () => new PortTransport(target, { codec: adaptive }) }
  const opposite = new Opposite(target, origin)
  return { brings: takeShortcuts, open: () => opposite.connect() }
}

/**
 * Hosts `actors` for whoever has the other end of a port, or for the page of that origin in a window, as often as it
 * connects. To name the origin is to let it in; `authorize` may still refuse. Throws `origin` as `messagePort` does.
 */
export function host<A extends Actors>(
  actors: A,
  options: HostOptions & ({ readonly port: OnlyPort } | ({ readonly port: WindowLike } & WindowOptions)),
): A {
  const { port, origin } = options as { port: PortLike | WindowLike; origin?: string }
  if (!isWindow(port)) return hostOn(single(new PortTransport(port, { codec: adaptive })), actors, options)
  return hostOn(new Opposite(port, origin).listener(), actors, { authorize: () => true, ...options })
}
