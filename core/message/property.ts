import { Ask } from './ask.js'
import { ActorError } from '../ground/errors.js'
import type { Access, Message, Reach } from './message.js'

/** No argument reads, one writes. */
export const accessOf = (args: readonly unknown[]): Access => (args.length === 0 ? 'read' : 'write')

/**
 * Reads or writes the property that a message names: its work in place of a method's.
 * Assignment is strict, so a property that is frozen or has no setter throws a TypeError.
 */
export function accessProperty(message: Message, instance: object, { properties }: Reach): unknown {
  const { method: name, access, args } = message
  if (!properties.has(name)) {
    const text = `no property '${name.slice(0, 64)}' may be read or written from outside; name it in static exposed`
    message.refuse(new ActorError('not-exposed', text))
    return undefined
  }
  const target = instance as Record<string, unknown>
  if (access === 'read') return target[name]
  target[name] = args[0]
  return undefined
}

/** A call that reads or writes a property. */
export class PropertyAsk extends Ask {
  readonly #access = accessOf(this.args)

  override get access(): Access {
    return this.#access
  }

  override invoke(instance: object, reach: Reach): unknown {
    return accessProperty(this, instance, reach)
  }
}
