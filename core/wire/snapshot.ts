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
  let isCopied = true
  const exporter: Exporter = {
    export: (value) => {
      const isReference = goesByReference(value)
      if (isReference) isCopied = false
      return isReference
    },
    begin: () => {},
    undo: () => {},
  }
  const sink = flat.sink()
  const encoder = new Encoder(exporter, TRUSTED, true, transferOf)
  let tokens: unknown
  try {
    encoder.begin(sink)
    for (const value of values) encoder.value(value)
    const { data, transfer } = sink.take()
    if (!isCopied || transfer.length > 0) return undefined
    // What the platform clones stands in it as it is.
    tokens = structuredClone(data)
  } catch {
    return undefined
  }
  return {
    restore: () => {
      const source = flat.source(structuredClone(tokens), Infinity)
      const decoder = new Decoder({ import: () => undefined }, TRUSTED)
      decoder.begin(source)
      return values.map(() => decoder.value())
    },
  }
}
