import { proxyMarker, transferHandlers } from 'comlink'
import { ActorError } from '../../core/ground/errors.js'
import { transferOf } from '../../core/wire/transfer.js'
import type { ComlinkEndpoint } from './comlink-line.js'
import { isPlatformStream, type Target, targetOf } from './comlink-target.js'
import type { WireValue } from './comlink-wire.js'

/** Something at a port that was handed over with a value. */
export interface Crossing {
  end(reason: ActorError): void
}

/** Makes what stands at a port: for a value of ours there, and for one of theirs here. */
export interface Ends {
  serve(target: Target, port: ComlinkEndpoint, ended: () => void): Crossing
  call(port: ComlinkEndpoint, ended: () => void): Crossing & { readonly remote: object }
}

declare const MessageChannel: new () => { readonly port1: ComlinkEndpoint; readonly port2: ComlinkEndpoint }

/** A value of ours on its way out by reference. Comlink sees it as any object, so its handlers leave it alone. */
class Reference {
  readonly #target: Target

  constructor(target: Target) {
    this.#target = target
  }

  static targetOf(value: unknown): Target | undefined {
    return typeof value === 'object' && value !== null && #target in value ? value.#target : undefined
  }
}

/** Comlink itself passes its remotes on, with all that is behind them; they answer anything to any name. */
const isRemote = (value: unknown): boolean =>
  typeof value === 'function' && typeof (value as { [proxyMarker]?: unknown })[proxyMarker] === 'function'

/** What goes by reference, ready to go; all else as it is. */
export function referenced(value: unknown): unknown {
  const target = isRemote(value) ? undefined : targetOf(value)
  return target ? new Reference(target) : value
}

/** What crossed an endpoint by reference, both ways. It ends with the endpoint: Comlink alone would let it hang. */
export class Crossings {
  readonly #ends: Ends
  readonly #open = new Set<Crossing>()

  constructor(ends: Ends) {
    this.#ends = ends
  }

  /** A value that came, with calls that settle in place of what Comlink would make of a port. Throws `malformed`. */
  inward(wire: WireValue): WireValue {
    if (wire.type !== 'HANDLER') return wire
    const { name, value } = wire
    if (!transferHandlers.has(name)) {
      const text = `a value came through the transfer handler '${name}', unknown here`
      throw new ActorError('malformed', `${text}; register it with Comlink's transferHandlers in this realm too`)
    }
    if (name !== 'proxy') return wire
    return { type: 'RAW', value: this.#add((ended) => this.#ends.call(value as ComlinkEndpoint, ended)).remote }
  }

  /** A value that goes, and what moves with it is added to `transfer`. */
  outward(wire: WireValue, transfer: object[]): WireValue {
    const { type, value } = wire
    if (type !== 'RAW' || typeof value !== 'object' || value === null) return wire
    const target = Reference.targetOf(value)
    if (target) return { type: 'HANDLER', name: 'proxy', value: this.port(target, transfer) }
    transfer.push(...(transferOf(value) ?? []))
    if (isPlatformStream(value) && !transfer.includes(value)) transfer.push(value)
    return wire
  }

  /** A port at which the target is served. */
  port(target: Target, transfer: object[]): object {
    const { port1, port2 } = new MessageChannel()
    this.#add((ended) => this.#ends.serve(target, port1, ended))
    transfer.push(port2)
    return port2
  }

  end(reason: ActorError): void {
    for (const crossing of this.#open) crossing.end(reason)
  }

  #add<C extends Crossing>(make: (ended: () => void) => C): C {
    const crossing: C = make(() => this.#open.delete(crossing))
    this.#open.add(crossing)
    return crossing
  }
}
