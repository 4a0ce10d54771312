import { type Aborter, aborter, onAbort } from '../../ground/abort.js'
import { ActorError } from '../../ground/errors.js'
import { isError } from '../../ground/slots.js'
import type { Decoder } from '../../wire/decode.js'
import type { Encoder } from '../../wire/encode.js'
import * as Tag from '../../wire/tag.js'
import { WEIGHT } from '../../wire/weight.js'
import type { Exported, Exports } from './exports.js'
import type { Carrier } from '../../remote/link-route.js'

type Signal = Extract<Exported, { kind: 'signal' }>

// One for all links, which it must outlive as in remotes.ts. It does not keep a realm that is closed.
const collected = new FinalizationRegistry<{ readonly signals: WeakRef<Signals>; readonly target: Signal['target'] }>(
  ({ signals, target }) => signals.deref()?.end(target),
)

/**
 * The AbortSignals in the values of one link. One fires there when it fires here; one that was collected never will,
 * and the peer is told so, and lets go of its own.
 */
export class Signals {
  readonly #carrier: Carrier
  readonly #exports: Exports
  /** How those are known to the peer that it was handed. */
  readonly #exported = new WeakMap<AbortSignal, Signal>()
  /** Those of the peer that have not fired. */
  readonly #imported = new Map<number, Aborter>()
  readonly #most: number
  readonly #self = new WeakRef(this)

  constructor(carrier: Carrier, exports: Exports, most: number) {
    this.#carrier = carrier
    this.#exports = exports
    this.#most = most
  }

  export(signal: AbortSignal, encoder: Encoder): void {
    encoder.sink.tag(Tag.Signal)
    encoder.value(signal.aborted)
    encoder.weight += WEIGHT[Tag.Signal]!
    if (signal.aborted) return encoder.value(sendable(signal.reason))
    let exported = this.#exported.get(signal)
    if (!exported) {
      exported = { kind: 'signal', target: new WeakRef(signal) }
      this.#exported.set(signal, exported)
      const { target } = exported
      const signals = this.#self
      onAbort(signal, () => signals.deref()?.end(target, sendable(signal.reason)))
      collected.register(signal, { signals, target })
    }
    encoder.sink.number(this.#exports.add(exported))
  }

  import(decoder: Decoder): AbortSignal {
    decoder.weigh(WEIGHT[Tag.Signal])
    if (decoder.value() === true) {
      const fired = aborter()
      fired.abort(decoder.value())
      return fired.signal
    }
    const index = decoder.number()
    const known = this.#imported.get(index)
    if (known) return known.signal
    if (this.#imported.size >= this.#most) {
      throw new ActorError('quota', 'the peer sent more signals than this side allows')
    }
    const own = aborter()
    const ended = (reason: unknown): void => {
      this.#imported.delete(index)
      if (reason !== undefined) own.abort(reason)
    }
    this.#imported.set(index, own)
    this.#carrier.watch(index, ended, true)
    return own.signal
  }

  /** It has fired, with a reason, or never will. */
  end(target: Signal['target'], reason?: unknown): void {
    const index = this.#exports.indexOf(target)
    if (index === undefined) return
    this.#exports.release(index)
    this.#carrier.tell(index, reason)
  }
}

/** A reason that can be sent for sure. */
const sendable = (reason: unknown): unknown =>
  isError(reason) || (typeof reason !== 'object' && typeof reason !== 'function' && typeof reason !== 'symbol')
    ? reason
    : new ActorError('aborted', 'the signal fired, with a reason that cannot be sent')
