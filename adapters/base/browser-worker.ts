import { type Actors, ActorError, inline, type Transport } from '../../core/adapter.js'
import { type PortLike, type PortOptions, PortTransport } from './port.js'
import { startFailed } from './start-failed.js'

declare const MessageChannel: new () => { readonly port1: PortLike; readonly port2: PortLike }

/** What tells of a worker that cannot be loaded. */
interface Failing {
  addEventListener?(
    type: 'error',
    listener: (event: { message?: string; filename?: string; preventDefault?(): void }) => void,
  ): void
}

/**
 * A transport to a worker of the browser, from an instance or from what makes one. `wire` names its port, and throws
 * `malformed` where the worker is none; `heard` is called when the worker spoke: an error before that means that it never came up.
 */
export function openWorker<W extends Failing>(
  source: W | (() => W),
  wire: (worker: W, heard: () => void) => { readonly port: PortLike; readonly options: PortOptions },
): PortTransport {
  let worker: W
  try {
    worker = typeof source === 'function' ? source() : source
  } catch (error) {
    throw startFailed(source, error)
  }
  let loaded = false
  const { port, options } = wire(worker, () => (loaded = true))
  const transport = new PortTransport(port, options)
  worker.addEventListener!('error', (event) => {
    const { message, filename } = event
    // There it would end the whole program, which can start the worker again.
    if ('Deno' in globalThis) event.preventDefault?.()
    const cause = message ? new Error(message) : undefined
    if (!loaded) transport.fail(startFailed(source, cause, 'it could not be loaded', filename))
  })
  return transport
}

/** The actors in this realm, where the platform has no such worker. Throws `no-worker` if none were given. */
export function inlineActors(missing: string, actors: Actors | undefined): Transport {
  if (!actors) {
    const text = `there is no ${missing} here; give { inline: actors } to run them in this realm`
    throw new ActorError('no-worker', text)
  }
  const { port1, port2 } = new MessageChannel()
  return inline(new PortTransport(port1), new PortTransport(port2), actors)
}
