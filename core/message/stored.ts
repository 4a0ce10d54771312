import { ActorError } from '../ground/errors.js'
import { AGAIN, Ask, KEY, STORE } from './ask.js'
import type { Extensions, Receiver } from './message.js'

export { KEY, STORE }

/** Why an actor that is not durable does not take a message with these extensions; undefined if it does. */
export function refusalOf(extensions: Extensions, path: string): ActorError | undefined {
  if (extensions[STORE]) return new ActorError('stored-failed', `${path} is not durable: it cannot store messages`)
  if (!extensions[AGAIN]) return undefined
  return new ActorError('unknown', `it may have been handled before the actor moved, and ${path} is not durable`)
}

/** A one-way message that is acknowledged when it is stored. */
export class StoredTell extends Ask {
  constructor(
    method: string,
    args: readonly unknown[],
    sender: Receiver | undefined,
    deadline: number,
    extensions: Extensions | undefined,
    isNoticed?: boolean,
  ) {
    super(method, args, sender, deadline, { ...extensions, [STORE]: true }, isNoticed)
  }
}
