import { isSignal } from '../ground/abort.js'
import { isReadable, isWritable } from '../ground/platform-streams.js'
import { classTag, hasSlot, isError } from '../ground/slots.js'

/**
 * How a container is copied; undefined for what cannot be. An instance is of a class that the platform does not show:
 * mostly the user's, and sometimes the platform's after all. A source of events is more than its fields, which are all
 * that a copy would have.
 */
export type Kind =
  | 'array'
  | 'object'
  | 'instance'
  | 'map'
  | 'set'
  | 'date'
  | 'error'
  | 'boxed'
  | 'buffer'
  | 'view'
  | 'platform'
  | 'events'

/** Whether it is the prototype of a view of the platform's own class, whatever realm that is of. */
const isViewPrototype = (prototype: object): boolean =>
  Object.hasOwn(prototype, 'BYTES_PER_ELEMENT') || Object.hasOwn(prototype, 'getInt8')

const tag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!

/** The name of the platform's class that a view is of: also that of a subclass, or of one of another realm. */
export const viewName = (view: ArrayBufferView): string => (tag.get!.call(view) as string | undefined) ?? 'DataView'

type View = new (buffer: ArrayBufferLike, offset?: number, length?: number) => ArrayBufferView

/** This realm's class of that name, where the platform has it. */
export const viewClass = (name: string): View | undefined => (globalThis as unknown as Record<string, View>)[name]

/** A subclass such as Node's Buffer stands in a pool shared with strangers: only its own bytes travel, as a plain view. */
export function plainView(view: ArrayBufferView): ArrayBufferView {
  if (isViewPrototype(Object.getPrototypeOf(view) as object)) return view
  const { buffer, byteOffset, byteLength } = view
  return new (viewClass(viewName(view))!)(new Uint8Array(buffer, byteOffset, byteLength).slice().buffer)
}

const BY_TAG: Readonly<Record<string, Kind | undefined>> = {
  Map: 'map',
  Set: 'set',
  Date: 'date',
  ArrayBuffer: 'buffer',
  Boolean: 'boxed',
  Number: 'boxed',
  String: 'boxed',
  BigInt: 'boxed',
  RegExp: 'platform',
  SharedArrayBuffer: 'platform',
}

/** Kinds that a getter or a method of the platform's class tells, of any realm and whatever the tag is. */
const SLOTS: readonly (readonly [kind: Kind, name: string, key: string])[] = [
  ['map', 'Map', 'size'],
  ['set', 'Set', 'size'],
  ['date', 'Date', 'getTime'],
  ['buffer', 'ArrayBuffer', 'byteLength'],
]

const known = new WeakMap<object, Kind>([
  [Object.prototype, 'object'],
  [Array.prototype, 'array'],
])

/** The kind goes by the prototype and is worked out once for each. */
export function kindOf(value: object): Kind | undefined {
  if (typeof value === 'function') return undefined
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === null) return 'object'
  let kind = known.get(prototype)
  if (!kind) known.set(prototype, (kind = classify(value, prototype)))
  return kind
}

function classify(value: object, prototype: object): Kind {
  if (Array.isArray(value)) return 'array'
  if (ArrayBuffer.isView(value)) return 'view'
  if (isError(value)) return 'error'
  for (const [kind, name, key] of SLOTS) if (hasSlot(name, key, value)) return kind
  // Such a tag has also what stands for a value of that class: a proxy of it, or an observable copy.
  const kind = BY_TAG[classTag(value)]
  if (kind) return kind
  if (isGlobal(prototype) || isSignal(value) || isReadable(value) || isWritable(value)) return 'platform'
  return hasEvents(prototype) ? 'events' : 'instance'
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
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  if (typeof maker !== 'function' || maker.name === 'Object') return false
  const isHidden = Object.getOwnPropertyDescriptor(globalThis, maker.name)?.enumerable === false
  return isHidden && (globalThis as Record<string, unknown>)[maker.name] === maker
}
