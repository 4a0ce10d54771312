import { classTag, hasSlot, isError } from '../ground/slots.js'
import type { AnyTag } from './codec.js'
import * as Tag from './tag.js'

/** Of a class that the platform does not show: mostly the user's, and sometimes the platform's after all. */
export const Instance = 32
/** A source of events, which is more than its fields, and those are all that a copy would have. */
export const Events = 33

/** How an object travels: by the tag of that name, or as one of the two above. */
export type Kind = AnyTag | typeof Instance | typeof Events

/**
 * The platform's classes by their tags. A getter or a method tells the values of some, of any realm and whatever the tag
 * is. Such a tag has also what stands for a value of that class: a proxy of it, an observable copy, a polyfill.
 */
const CLASSES: Readonly<Record<string, readonly [kind: Kind, key?: string]>> = {
  Map: [Tag.Map, 'size'],
  Set: [Tag.Set, 'size'],
  Date: [Tag.Date, 'getTime'],
  ArrayBuffer: [Tag.Buffer, 'byteLength'],
  Boolean: [Tag.Boxed],
  Number: [Tag.Boxed],
  String: [Tag.Boxed],
  BigInt: [Tag.Boxed],
  RegExp: [Tag.Platform],
  SharedArrayBuffer: [Tag.Platform],
  AbortSignal: [Tag.Signal],
  ReadableStream: [Tag.Readable],
  WritableStream: [Tag.Writable],
}

const known = new WeakMap<object, Kind>([[Object.prototype, Tag.Object]])

/** How an object travels; undefined for a function. It goes by the prototype and is worked out once for each. */
export function kindOf(value: object): Kind | undefined {
  if (typeof value === 'function') return undefined
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === null) return Tag.Object
  let kind: Kind | undefined = known.get(prototype)
  if (!kind) known.set(prototype, (kind = classify(value, prototype)))
  return kind
}

function classify(value: object, prototype: object): Kind {
  if (Array.isArray(value)) return Tag.Array
  if (ArrayBuffer.isView(value)) return Tag.View
  if (isError(value)) return Tag.Error
  for (const [name, [kind, key]] of Object.entries(CLASSES)) if (key && hasSlot(name, key, value)) return kind
  const named = CLASSES[classTag(value)]
  return named?.[0] ?? (isGlobal(prototype) ? Tag.Platform : hasEvents(prototype) ? Events : Instance)
}

/** Whether it is an EventEmitter, an EventTarget or an Observable, of any library. */
function hasEvents(prototype: object): boolean {
  const { observable } = Symbol as { observable?: symbol }
  return (
    ('on' in prototype && 'emit' in prototype) ||
    ['addEventListener', '@@observable', observable!].some((key) => key in prototype)
  )
}

/** Whether the platform shows its class: such globals are not enumerable, those of users are. */
function isGlobal(prototype: object): boolean {
  const maker = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as { name?: string } | undefined
  const name = maker?.name ?? 'Object'
  const isHidden = Object.getOwnPropertyDescriptor(globalThis, name)?.enumerable === false
  return isHidden && name !== 'Object' && (globalThis as Record<string, unknown>)[name] === maker
}
