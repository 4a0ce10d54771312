import { ActorError } from '../ground/errors.js'
import { isOf } from '../ground/slots.js'
import { ByteSink } from './byte-sink.js'
import { ByteSource } from './byte-source.js'
import type { Codec } from './codec.js'

/** The codec for transports that carry only bytes. */
export const bytes: Codec = {
  sink: () => new ByteSink(undefined),
  source: (data, limit) => new ByteSource(toBytes(data), [], limit),
}

export function toBytes(data: unknown): Uint8Array {
  if (ArrayBuffer.isView(data)) {
    if (Object.getPrototypeOf(data) === Uint8Array.prototype) return data as Uint8Array
    // A view of its own, and of this realm: Node's Buffer overrides slice() so that it does not copy.
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  }
  if (isOf('ArrayBuffer', 'byteLength', data)) return new Uint8Array(data as ArrayBuffer)
  throw new ActorError('malformed', 'a frame is not binary')
}
