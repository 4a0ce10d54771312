import { type Listener, listener } from '../../core/adapter.js'
import { type PortLike, type PortOptions, PortTransport } from './port.js'

/** Takes the peer at the other end of a worker's own port, and the next one after that link has ended. */
export function hostPort(port: PortLike, options: Omit<PortOptions, 'end'>): Listener {
  const shared = { ...options, end: () => false }
  const open = (): PortTransport => new PortTransport(port, shared)
  // Listens from the start: the peer may have said hello already.
  const first = open()
  return listener(async (accept) => {
    let isClosed = false
    const take = (transport: PortTransport): void => {
      accept(transport)
      void transport.closed.then(wait)
    }
    // The hello that is heard here says everything again when it is answered. A listener keeps a thread alive.
    const wait = (): void => {
      if (isClosed) return
      let isHeard = false
      const heard = (): void => {
        if (isHeard || isClosed) return
        isHeard = true
        port.off?.('message', heard)
        port.removeEventListener?.('message', heard)
        take(open())
      }
      if (port.on) port.on('message', heard)
      else port.addEventListener!('message', heard)
      port.ref?.()
    }
    take(first)
    return {
      close: async () => {
        isClosed = true
        port.unref?.()
      },
    }
  })
}
