import { ActorError } from '../ground/errors.js'
import { markOf } from '../proxy/marks.js'
import { refOf } from '../proxy/proxy.js'
import type { Encoder } from './encode.js'
import { type Handling, handleWith, unknownHandler } from './handling.js'
import * as Tag from './tag.js'

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
  find(value: object): ((encoder: Encoder) => void) | undefined {
    if (refOf(value) || markOf(value)) return undefined
    for (const [name, handler] of this.#map) {
      if (!this.#except.includes(name) && handler.canHandle(value))
        return (encoder) => writeHandled(name, handler, value, encoder)
    }
    return undefined
  }

  read(name: string, written: unknown): unknown {
    const handler = this.#except.includes(name) ? undefined : this.#map.get(name)
    if (!handler) throw unknownHandler(name)
    try {
      return handler.deserialize(written)
    } catch (cause) {
      throw new ActorError('malformed', `the transfer handler '${name}' threw on what came`, { cause })
    }
  }
}

/** What the handler gives goes instead of the value, with what moves with it, under a name that the other side knows. */
function writeHandled(name: string, handler: Handler, value: object, encoder: Encoder): void {
  const [written, parts] = handler.serialize(value)
  const { sink } = encoder
  sink.tag(Tag.Handled)
  sink.string(name)
  encoder.move(parts)
  // A port made for this value, which bytes cannot carry, would have nobody at its other end.
  if (!sink.clones)
    for (const part of parts) if (part.constructor.name === 'MessagePort') (part as { close(): void }).close()
  encoder.at(name, written)
}
