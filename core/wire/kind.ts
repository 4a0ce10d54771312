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

/** The closed set of views; the index travels. */
export const VIEWS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
] as const

export const viewIndex = (view: ArrayBufferView): number => VIEWS.findIndex((View) => view instanceof View)

export const isSubclass = (view: ArrayBufferView, index: number): boolean =>
  Object.getPrototypeOf(view) !== VIEWS[index]?.prototype

/** The view's own part of its buffer, as a plain view of that kind. */
export function copyOf({ buffer, byteOffset, byteLength }: ArrayBufferView, index: number): ArrayBufferView {
  const View = VIEWS[index] as unknown as new (bytes: ArrayBuffer) => ArrayBufferView
  return new View(new Uint8Array(buffer, byteOffset, byteLength).slice().buffer)
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
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  return BY_TAG[tag] ?? (isGlobal(prototype) ? 'platform' : 'instance')
}

/** Whether the platform shows its class: such globals are not enumerable, those of users are. */
function isGlobal(prototype: object): boolean {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  if (typeof maker !== 'function' || maker.name === 'Object') return false
  const isHidden = Object.getOwnPropertyDescriptor(globalThis, maker.name)?.enumerable === false
  return isHidden && (globalThis as Record<string, unknown>)[maker.name] === maker
}
