import { ActorError } from '../ground/errors.js'
import type { Message, Reach } from '../message/message.js'

/**
 * Reads or writes the property that a message names: its work in place of a method's.
 * Assignment is strict, so a property that is frozen or has no setter throws a TypeError.
 */
export function accessProperty(this: Reach, message: Message, instance: object): unknown {
  const { method: name, access, args } = message
  if (!this.properties.has(name)) {
    const text = `no property '${name.slice(0, 64)}' may be read or written from outside; name it in static exposed`
    message.refuse(new ActorError('not-exposed', text))
    return undefined
  }
  const target = instance as Record<string, unknown>
  if (access === 'read') return target[name]
  target[name] = args[0]
  return undefined
}
