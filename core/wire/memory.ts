// How buffers and views are written where only bytes travel.
import { ActorError } from '../ground/errors.js'
import type { ByteSink } from './byte-sink.js'
import type { ByteSource } from './byte-source.js'
import type { AnyTag } from './codec.js'
import type { Decoder } from './decode.js'
import { classNameOf, isShared } from './describe.js'
import type { Encoder } from './encode.js'
import { kindOf } from './kind.js'
import * as Tag from './tag.js'
import { classOf, type ViewClass } from './views.js'

/** The closed set of views; the index travels. Not every platform has the last. */
const VIEWS = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'DataView',
  'Float16Array',
]

/** Throws `uncloneable` for anything else, and for shared memory. */
export function writeMemory(value: object, sink: ByteSink, encoder: Encoder): void {
  if (kindOf(value) === Tag.Buffer) {
    sink.tag(Tag.Buffer)
    return sink.raw(new Uint8Array(value as ArrayBuffer))
  }
  const view = ArrayBuffer.isView(value) && !isShared(value) ? value : undefined
  const kind = view ? VIEWS.indexOf(classOf(view).name) : -1
  if (!view || kind < 0)
    throw encoder.refusal('uncloneable', `a value of class ${classNameOf(value)} cannot be sent as bytes`)
  sink.tag(Tag.View)
  sink.number(kind)
  sink.number(view.byteOffset)
  sink.number((view as Uint8Array).length ?? view.byteLength)
  encoder.value(view.buffer)
}

/** Undefined where the tag is of neither. Throws `malformed`. */
export function readMemory(tag: AnyTag, source: ByteSource, decoder: Decoder): object | undefined {
  if (tag === Tag.Buffer) return source.raw().buffer
  if (tag !== Tag.View) return undefined
  const name = VIEWS[decoder.number()]
  const offset = decoder.number()
  const length = decoder.number()
  const buffer = decoder.value()
  if (!name || !(buffer instanceof ArrayBuffer)) throw new ActorError('malformed', 'a view has no buffer')
  const View = (globalThis as unknown as Record<string, ViewClass | undefined>)[name]
  if (!View) {
    decoder.fault ??= new ActorError('uncloneable', `a ${name} was sent to a platform that has none`)
    return {}
  }
  try {
    return new View(buffer, offset, length)
  } catch (error) {
    throw new ActorError('malformed', 'a view does not fit its buffer', { cause: error })
  }
}
