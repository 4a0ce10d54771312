import type { Address } from '../ground/address.js'
import type { ActorError } from '../ground/errors.js'
import { BoundedMailbox, isMailbox, type MailboxOptions } from './bounded-mailbox.js'
import type { Inbox, Mailbox } from './mailbox.js'
import { OwnMailbox } from './own-mailbox.js'

/** The mailbox that an actor was given, open; `own` is set where it is the user's, to be closed at the end. */
export async function openMailbox(
  given: MailboxOptions | Mailbox,
  owner: Address,
  failed: (error: ActorError) => void,
): Promise<{ readonly inbox: Inbox; readonly own: OwnMailbox | undefined }> {
  if (!isMailbox(given)) return { inbox: new BoundedMailbox(given), own: undefined }
  await given.open?.(owner)
  const own = new OwnMailbox(given, owner.path, failed)
  return { inbox: own, own }
}
