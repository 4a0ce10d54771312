import { type Actors, type Connector, type HostOptions, hostOn, single } from '../../core/adapter.js'
import { type PortLike, PortTransport } from '../base/port.js'

export type { PortLike }

/** Links over a MessagePort whose other end hosts actors, or connects as well. */
export function messagePort(port: PortLike): Connector {
  return { open: () => new PortTransport(port) }
}

/** Hosts `actors` for whoever has the other end of `port`. */
export function host<A extends Actors>(actors: A, options: HostOptions & { readonly port: PortLike }): A {
  return hostOn(single(new PortTransport(options.port)), actors, options)
}
