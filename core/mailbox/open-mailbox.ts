import type { Address } from '../ground/address.js'
import type { ActorError } from '../ground/errors.js'
import { BoundedMailbox, isMailbox, type MailboxOptions } from './bounded-mailbox.js'
import type { Inbox, Mailbox } from './mailbox.js'
import { OwnMailbox } from './own-mailbox.js'

/** The mailbox that an actor was given, open. */
export async function openMailbox(
  given: MailboxOptions | Mailbox,
  owner: Address,
  failed: (error: ActorError) => void,
): Promise<Inbox> {
  if (!isMailbox(given)) return new BoundedMailbox(given)
  await given.open?.(owner)
  return new OwnMailbox(given, owner.path, failed)
}
