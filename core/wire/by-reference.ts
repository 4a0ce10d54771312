import { refOf } from '../proxy/proxy.js'
import { markOf } from '../proxy/marks.js'
import { isSignal } from '../ground/abort.js'
import { isReadable, isWritable } from '../ground/platform-streams.js'
import { kindOf } from './kind.js'

/** Whether a value is, or stands for, an actor. */
export const isActor = (value: object): boolean => markOf(value) !== undefined || refOf(value) !== undefined

/** Whether a value travels by reference instead of being copied. */
export const goesByReference = (value: object): boolean =>
  typeof value === 'function' ||
  isActor(value) ||
  (kindOf(value) === 'platform' && (isSignal(value) || isReadable(value) || isWritable(value))) ||
  (Symbol.asyncIterator in value && !(value instanceof Promise))
