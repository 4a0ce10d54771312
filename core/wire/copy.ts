import { actorBehind } from '../proxy/marks.js'
import { asActorError, ofArgument } from '../ground/errors.js'
import { TRUSTED } from '../ground/limits.js'
import { borrow } from '../proxy/proxy.js'
import type { Home } from '../message/ref.js'
import { goesByReference } from './by-reference.js'
import { Decoder } from './decode.js'
import { Encoder } from './encode.js'
import { flat } from './flat.js'
import * as Tag from './tag.js'

declare const structuredClone: <T>(value: T, options: { transfer: readonly object[] }) => T

/**
 * Values as they would arrive over a link: copied or moved, and what travels by reference as the same reference.
 * Throws `uncloneable`, naming the path in the value, and which argument it is where they are those of a method.
 */
export function copy(home: Home, values: readonly unknown[], method?: string): unknown[] {
  const references: object[] = []
  const encoder = new Encoder(
    {
      export(value, _, { sink }) {
        if (!goesByReference(value)) return false
        sink.tag(Tag.Yours)
        sink.number(references.push(referenceFor(home, value)) - 1)
        return true
      },
    },
    TRUSTED,
    true,
  )
  const sink = flat.sink()
  encoder.begin(sink)
  let place = 0
  try {
    for (; place < values.length; place++) encoder.value(values[place])
  } catch (error) {
    if (method === undefined) throw error
    throw ofArgument(asActorError(error, 'uncloneable', 'a value cannot be sent'), method, place, values.length)
  }
  const { urgent } = sink
  const { data, transfer } = sink.take()
  const decoder = new Decoder({ import: (_, source) => references[source.number()] }, TRUSTED)
  // Only what the platform itself clones stands in it as an object.
  decoder.begin(flat.source(urgent ? clone(data, transfer) : data, Infinity))
  return values.map(() => decoder.value())
}

function clone(data: unknown, transfer: readonly object[]): unknown {
  try {
    return structuredClone(data, { transfer })
  } catch (error) {
    throw asActorError(error, 'uncloneable', 'a value cannot be sent')
  }
}

function referenceFor(home: Home, value: object): object {
  const actor = typeof value === 'function' ? undefined : actorBehind(home, value)
  return actor ? borrow(actor) : value
}
