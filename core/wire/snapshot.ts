import { ActorError } from '../ground/errors.js'
import { TRUSTED } from '../ground/limits.js'
import { transferOf } from './transfer.js'
import { goesByReference } from './by-reference.js'
import { Decoder } from './decode.js'
import { Encoder } from './encode.js'
import type { Exporter } from './exporter.js'
import { flat } from './flat.js'

declare const structuredClone: <T>(value: T) => T

/** Values as they are now, to be had again as often as wanted. */
export interface Snapshot {
  restore(): unknown[]
}

/** Undefined for what is there once or lives elsewhere: moved buffers, and whatever goes by reference. */
export function snapshotOf(values: readonly unknown[]): Snapshot | undefined {
  const exporter: Exporter = {
    export(value) {
      if (goesByReference(value)) throw new ActorError('uncloneable', 'a reference cannot be copied')
      return false
    },
  }
  const sink = flat.sink()
  const encoder = new Encoder(exporter, TRUSTED, true, transferOf)
  try {
    encoder.begin(sink)
    for (const value of values) encoder.value(value)
    const { data, transfer } = sink.take()
    if (transfer.length > 0) return undefined
    // What the platform clones stands in it as it is.
    const tokens = structuredClone(data)
    return {
      restore: () => {
        const decoder = new Decoder({ import: () => undefined }, TRUSTED)
        decoder.begin(flat.source(structuredClone(tokens), Infinity))
        return values.map(() => decoder.value())
      },
    }
  } catch {
    return undefined
  }
}
