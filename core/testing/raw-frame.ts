import { Op, OP, Part } from '../link/session/op.js'
import type { AnyTag } from '../wire/codec.js'
import type { Decoder } from '../wire/decode.js'
import * as Tag from '../wire/tag.js'

/** A frame as it came. What it does not have is -1 or undefined. */
export interface RawFrame {
  /** The op without its parts. */
  readonly op: number
  readonly slot: number
  /** The place in the table of the side that reads it. */
  readonly index: number
  /** The value, the arguments, or the count. */
  readonly value: unknown
}

/** An actor, a function, a stream or a signal of the other side, as a raw peer sees it: its place in the table. */
export interface RawReference {
  readonly index: number
}

/** Reads the next frame whole. */
export function readFrame(decoder: Decoder): RawFrame {
  const head = decoder.number()
  const op = head & OP
  let slot = -1
  let index = -1
  let value: unknown
  switch (op) {
    case Op.Call:
    case Op.Property:
    case Op.Request:
    case Op.Tell:
      if (op !== Op.Tell) slot = decoder.number()
      if (head & Part.Remaining) decoder.number()
      index = decoder.number()
      value = readMessage(decoder, head)
      break
    case Op.Result:
    case Op.Fail:
    case Op.Abort:
      slot = decoder.number()
      value = decoder.value()
      break
    case Op.Down:
      index = decoder.number()
      value = decoder.value()
      break
    case Op.Release:
      index = decoder.number()
      value = decoder.number()
      break
    case Op.Credit:
      value = [decoder.number(), decoder.number()]
      break
    default:
      value = decoder.value()
  }
  return { op, slot, index, value }
}

function readMessage(decoder: Decoder, head: number): unknown[] {
  decoder.name()
  if (head & Part.Sender) decoder.value()
  if (head & Part.Extensions) decoder.value()
  if (head & Part.Chain)
    for (let left = decoder.number(); left > 0; left--) {
      decoder.name()
      decoder.name()
      decoder.number()
      decoder.string()
    }
  return decoder.list()
}

/** Reads the fields of a reference as the protocol has them, and keeps the index. */
export function readReference(tag: AnyTag, decoder: Decoder): RawReference {
  if (tag === Tag.Method) {
    decoder.name()
    return decoder.value() as RawReference
  }
  if (tag === Tag.Signal && decoder.value() === true) {
    decoder.value()
    return { index: -1 }
  }
  const index = decoder.number()
  if (tag !== Tag.Actor) return { index }
  decoder.name()
  decoder.name()
  for (let optional = 0; optional < 3; optional++) decoder.optionalString()
  return { index }
}
