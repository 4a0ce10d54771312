/**
 * How a container is copied; undefined for what cannot be. An instance is of a class that the platform does not show:
 * mostly the user's, and sometimes the platform's after all.
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

/** Whether it is the prototype of a view of the platform's own class, whatever realm that is of. */
const isViewPrototype = (prototype: object): boolean =>
  Object.hasOwn(prototype, 'BYTES_PER_ELEMENT') || Object.hasOwn(prototype, 'getInt8')

/** A subclass such as Node's Buffer stands in a pool shared with strangers: only its own bytes travel, as a plain view. */
export function plainView(view: ArrayBufferView): ArrayBufferView {
  let prototype = Object.getPrototypeOf(view) as { constructor: new (bytes: ArrayBuffer) => ArrayBufferView }
  if (isViewPrototype(prototype)) return view
  while (!isViewPrototype(prototype)) prototype = Object.getPrototypeOf(prototype) as typeof prototype
  const { buffer, byteOffset, byteLength } = view
  return new prototype.constructor(new Uint8Array(buffer, byteOffset, byteLength).slice().buffer)
}

/** The name that the platform knows the class of a value by. */
export const classTag = (value: object): string => Object.prototype.toString.call(value).slice(8, -1)

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
  Error: 'error',
  DOMException: 'error',
}

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
  if (value instanceof Error) return 'error'
  return BY_TAG[classTag(value)] ?? (isGlobal(prototype) ? 'platform' : 'instance')
}

/** Whether the platform shows its class: such globals are not enumerable, those of users are. */
function isGlobal(prototype: object): boolean {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  if (typeof maker !== 'function' || maker.name === 'Object') return false
  const isHidden = Object.getOwnPropertyDescriptor(globalThis, maker.name)?.enumerable === false
  return isHidden && (globalThis as Record<string, unknown>)[maker.name] === maker
}
