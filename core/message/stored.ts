import { ActorError } from '../ground/errors.js'
import { Ask, KEY, STORE } from './ask.js'
import type { Extensions, Receiver } from './message.js'

export { KEY, STORE }

export const notDurable = (path: string): ActorError =>
  new ActorError('stored-failed', `${path} is not durable: it cannot store messages`)

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
