import { queueMicrotask } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import type { Realm } from './realm.js'

/** What is refused by a dispatcher that is closed. */
export const closed = (): ActorError => new ActorError('stopped', 'the dispatcher is closed')

/** Calls `listener` once, when the dispatcher closes; soon, if it is closed already. Returns its undo. */
export function onClosing(realm: Pick<Realm, 'closed' | 'ends'>, listener: (reason: ActorError) => void): () => void {
  const { ends } = realm
  const end = async (): Promise<void> => {
    if (ends.delete(end)) listener(closed())
  }
  ends.add(end)
  if (realm.closed) queueMicrotask(() => void end())
  return () => void ends.delete(end)
}
