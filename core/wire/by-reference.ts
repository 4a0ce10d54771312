import { refOf } from '../proxy/proxy.js'
import { markOf } from '../proxy/marks.js'
import { kindOf } from './kind.js'
import * as Tag from './tag.js'

const KINDS = new Set<unknown>([undefined, Tag.Signal, Tag.Readable, Tag.Writable])

/** Whether a value is, or stands for, an actor. */
export const isActor = (value: object): boolean => markOf(value) !== undefined || refOf(value) !== undefined

/** Whether a value travels by reference instead of being copied. */
export const goesByReference = (value: object): boolean =>
  KINDS.has(kindOf(value)) || isActor(value) || (Symbol.asyncIterator in value && !(value instanceof Promise))
