import { ActorError } from '../ground/errors.js'
import { requireRef } from '../proxy/proxy.js'
import type { Proxy } from '../proxy/proxy-types.js'
import type { StoredLetter } from './dead-letters.js'
import { DurableCell } from './durable-cell.js'

/**
 * The messages that a durable actor keeps because they failed as often as they were tried: those that it was to handle, and
 * those that it sent. Takes a proxy of an actor of this realm. Returns them, the oldest first. Throws `malformed`.
 */
export const deadLetters = (proxy: Proxy<unknown>): readonly StoredLetter[] => cellOf(proxy).mail.letters.all

/**
 * Tries a dead letter again. Takes the proxy and the `id` of the letter. Resolves when that is stored. Rejects with
 * `malformed`, and with `not-found` if there is no such letter.
 */
export async function replay(proxy: Proxy<unknown>, id: number): Promise<void> {
  const cell = cellOf(proxy)
  cell.replay(id)
  return cell.stored()
}

/** Removes a dead letter. Takes, resolves and rejects as `replay` does. */
export async function discard(proxy: Proxy<unknown>, id: number): Promise<void> {
  const cell = cellOf(proxy)
  cell.mail.take(id)
  return cell.stored()
}

function cellOf(proxy: Proxy<unknown>): DurableCell {
  const { actual } = requireRef(proxy)
  if (actual instanceof DurableCell) return actual
  throw new ActorError('malformed', `${actual.address.path} is no durable actor of this realm`)
}
