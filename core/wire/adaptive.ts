import { ByteSink } from './byte-sink.js'
import { ByteSource } from './byte-source.js'
import { bytes, toBytes } from './bytes.js'
import type { Codec } from './codec.js'
import { flat } from './flat.js'

/**
 * A codec for transports that clone values. It writes a payload of few frames as an array, and one of many frames as
 * bytes, whichever is faster. Both ends must have it.
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
