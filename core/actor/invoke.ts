import { ActorError } from '../ground/errors.js'
import type { Message, Reach } from '../message/message.js'

/** The work of a message: its own, or else what it names of the actor: a method, or a property to read or write. */
export function invoke(message: Message, instance: object, { methods, properties }: Reach): unknown {
  if (message.invoke) return message.invoke(instance)
  const name = message.method
  if (message.access) {
    if (properties.has(name)) return accessProperty(message, instance as Record<string, unknown>)
    return refuse(
      message,
      `no property '${name.slice(0, 64)}' may be read or written from outside; name it in static exposed`,
    )
  }
  const method = methods.get(name)
  if (method) return Reflect.apply(method, instance, message.args)
  const text = holdsFunction(instance, name)
    ? ': it is a field that holds a function; write a method, name(…) { … }, in place of name = (…) => …'
    : ''
  return refuse(message, `'${name.slice(0, 64)}' is no method that may be called from outside${text}`)
}

/** Assignment is strict, so a property that is frozen or has no setter throws a TypeError. */
function accessProperty({ method: name, access, args }: Message, instance: Record<string, unknown>): unknown {
  if (access === 'read') return instance[name]
  instance[name] = args[0]
  return undefined
}

const refuse = (message: Message, text: string): void => message.refuse(new ActorError('not-exposed', text))

/** Whether it has a field of that name whose value is a function. Runs no getter. */
const holdsFunction = (instance: object, name: string): boolean =>
  !name.startsWith('_') && typeof Object.getOwnPropertyDescriptor(instance, name)?.value === 'function'
