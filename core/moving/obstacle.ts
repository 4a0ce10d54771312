import type { Cell } from '../actor/cell.js'
import { ActorError } from '../ground/errors.js'
import { isMailbox } from '../mailbox/bounded-mailbox.js'
import { saidBy } from './movable-class.js'

/** Throws `not-movable` for an actor that can't be moved, or not now. */
export function checkMovable({ life, plan, address }: Cell): void {
  const { options, parent, children, streams, recovery } = life
  const { actorClass } = recovery
  const refuse = (why: string): never => {
    throw new ActorError('not-movable', `${address.path} cannot be moved: ${why}`)
  }
  if (!actorClass) return refuse('it was hosted as an object')
  if (!saidBy(actorClass)) refuse("its class lacks 'static movable = movable(key)', from 'troupe/move'")
  if (!plan.hooks.has('snapshot') || !plan.hooks.has('restore')) refuse('its class lacks snapshot() and restore()')
  if ('durable' in actorClass) refuse('it is durable, and stays with its store')
  if (options.pooled) refuse('it belongs to a pool')
  if (options.isMoved) refuse('it was spawned with arguments that were transferred')
  if (options.mailbox && isMailbox(options.mailbox)) refuse('it has a mailbox of its own')
  if (parent) refuse('a child stays with its parent')
  if (children.size > 0) refuse('it has children')
  if (streams.size > 0) refuse('it has open streams')
}
