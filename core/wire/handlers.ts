import { ActorError } from '../ground/errors.js'
import { markOf } from '../proxy/marks.js'
import { refOf } from '../proxy/proxy.js'
import type { Encoder } from './encode.js'
import { type Handling, handleWith } from './handling.js'

/** How values of some kind travel: as something else that is copied. The shape is Comlink's `TransferHandler`. */
export interface Handler {
  canHandle(value: unknown): boolean
  /** What travels instead, and which of its parts are moved. */
  serialize(value: unknown): [unknown, readonly object[]]
  deserialize(value: unknown): unknown
}

/** Handlers by the name under which both sides know them; whoever owns the map may add to it at any time. */
export type Handlers = ReadonlyMap<string, Handler>

/** Honours the handlers of this map but for those named. */
export const honourHandlers = (map: Handlers, except: readonly string[]): void =>
  handleWith(new NamedHandlers(map, except))

class NamedHandlers implements Handling {
  readonly #map: Handlers
  readonly #except: readonly string[]

  constructor(map: Handlers, except: readonly string[]) {
    this.#map = map
    this.#except = except
  }

  /** The first handler takes the value that can. It never sees a proxy, which answers to every name, nor what goes by reference. */
  write(value: object, encoder: Encoder): boolean {
    if (refOf(value) || markOf(value)) return false
    for (const [name, handler] of this.#map) {
      if (this.#except.includes(name) || !handler.canHandle(value)) continue
      encoder.instead(value, name, () => handler.serialize(value))
      return true
    }
    return false
  }

  read(name: string, written: unknown): { readonly value: unknown } | undefined {
    const handler = this.#except.includes(name) ? undefined : this.#map.get(name)
    try {
      return handler && { value: handler.deserialize(written) }
    } catch (cause) {
      throw new ActorError('malformed', `the transfer handler '${name}' threw on what came`, { cause })
    }
  }
}
