import { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import type { Cell } from './cell.js'
import type { Hosting } from './hosting.js'

/** There is no room for a message in a mailbox: it was refused, or gave way to a newer one. */
export function overflow({ address, home }: Cell, message: Message, isRefused: boolean): void {
  const text = `the mailbox of ${address.path} is full`
  const error = new ActorError(
    'overloaded',
    isRefused ? text : `${text}: ${message.method}() was dropped for a newer message`,
  )
  // One that nobody awaits says so itself.
  if (message.expectsReply) home.lost(error, `${message.method}() to ${address.path}`)
  message.fail(error)
}

/** Messages wait for an actor while a handler of it runs. */
export const noteBusy = (cell: Cell): void => (cell.home.hosting as Hosting).stalls.note(cell)
