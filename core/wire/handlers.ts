import { markOf } from '../proxy/marks.js'
import { refOf } from '../proxy/proxy.js'

/** How values of some kind travel: as something else that is copied. The shape is Comlink's `TransferHandler`. */
export interface Handler {
  canHandle(value: unknown): boolean
  /** What travels instead, and which of its parts are moved. */
  serialize(value: unknown): [unknown, readonly object[]]
  deserialize(value: unknown): unknown
}

/** Handlers by the name under which both sides know them; whoever owns the map may add to it at any time. */
export type Handlers = ReadonlyMap<string, Handler>

/** Undefined until somebody brings handlers, so that they cost nothing where nobody does. */
export let handlers: Handlers | undefined
let ignored: readonly string[] = []

/** Honours the handlers of this map but for those named. */
export function honourHandlers(map: Handlers, except: readonly string[]): void {
  handlers = map
  ignored = except
}

/** The first handler that takes the value. It never sees a proxy, which answers to every name, nor what goes by reference. */
export function handlerFor(value: object): readonly [name: string, handler: Handler] | undefined {
  if (refOf(value) || markOf(value)) return undefined
  for (const entry of handlers!) if (!ignored.includes(entry[0]) && entry[1].canHandle(value)) return entry
  return undefined
}

export const handlerNamed = (name: string): Handler | undefined =>
  ignored.includes(name) ? undefined : handlers?.get(name)
