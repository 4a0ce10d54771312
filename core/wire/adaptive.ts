import { ByteSink } from './byte-sink.js'
import { ByteSource } from './byte-source.js'
import { bytes, toBytes } from './bytes.js'
import type { Codec } from './codec.js'
import { flat } from './flat.js'

/**
 * For transports that clone: a payload of few frames is cheapest as an array, one of many as bytes, beside the values
 * that the platform clones.
 */
export const adaptive: Codec = {
  sink: () => flat.sink(),
  batch: () => new ByteSink([]),
  source(data, limit) {
    if (!Array.isArray(data)) return bytes.source(data, limit)
    // No frame begins with a value that the platform clones, and where there is a limit none may have one.
    if (!ArrayBuffer.isView(data[0]) || limit !== Infinity) return flat.source(data, limit)
    return new ByteSource(toBytes(data[0]), data.slice(1), limit)
  },
}
