import { ActorError } from '../../ground/errors.js'
import { Channel } from '../../transport/channel.js'

declare const AbortSignal: object
declare const ReadableStream: object
declare const structuredClone: object

/** What a hostile payload would change first. */
const ROOTS: readonly object[] = [
  Object,
  Function,
  Array,
  Promise,
  Map,
  Set,
  Date,
  Error,
  RegExp,
  String,
  Number,
  Boolean,
  BigInt,
  Symbol,
  Uint8Array,
  ArrayBuffer,
  AbortSignal,
  ReadableStream,
  structuredClone,
  ActorError,
  Channel,
]

/** The own properties of classes of the platform and of their prototypes, as they are now. Returns what tells in words what has changed since. */
export function watchPrototypes(): () => string[] {
  const before = look()
  return () => {
    const changes: string[] = []
    for (const [object, { name, properties, parent }] of before) {
      if (Object.getPrototypeOf(object) !== parent) changes.push(`${name} has another prototype`)
      const now = propertiesOf(object)
      for (const [key, value] of now)
        if (!properties.has(key)) changes.push(`${name} has got '${String(key)}'`)
        else if (!Object.is(properties.get(key), value)) changes.push(`${name}.${String(key)} is another`)
      for (const key of properties.keys()) if (!now.has(key)) changes.push(`${name} has lost '${String(key)}'`)
    }
    return changes
  }
}

interface Look {
  readonly name: string
  readonly parent: unknown
  readonly properties: ReadonlyMap<PropertyKey, unknown>
}

function look(): Map<object, Look> {
  const looks = new Map<object, Look>()
  for (const root of ROOTS) {
    const { name, prototype } = root as { name: string; prototype: object | undefined }
    for (const [object, called] of [
      [root, name],
      [prototype, `${name}.prototype`],
    ] as const) {
      if (!object) continue
      looks.set(object, { name: called, parent: Object.getPrototypeOf(object), properties: propertiesOf(object) })
    }
  }
  return looks
}

function propertiesOf(object: object): Map<PropertyKey, unknown> {
  const properties = new Map<PropertyKey, unknown>()
  for (const key of Reflect.ownKeys(object)) {
    const { value, get } = Object.getOwnPropertyDescriptor(object, key)!
    // RegExp.$1 and the like belong to whoever used one last.
    if (object === RegExp && get) continue
    properties.set(key, value ?? get)
  }
  return properties
}
