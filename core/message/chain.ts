import { ActorError } from '../ground/errors.js'
import type { Message } from './message.js'
import type { Ref } from './ref.js'

/** A handler that waits: which actor's, for which of its messages, and what to call it. */
export interface Waiting {
  readonly realm: string
  readonly id: string
  readonly serial: number
  readonly path: string
}

/** The handlers that wait for a message, the nearest first. */
export type Chain = readonly Waiting[]

/** Everybody who waits for a message, as another realm is told. */
export function chainOf(message: Message): Chain {
  const chain: Waiting[] = [...(message.chain ?? [])]
  for (let waiting = message.parent; waiting; waiting = waiting.parent) {
    const actor = waiting.receiver as Ref | undefined
    if (actor) {
      const { realm, id, path } = actor.address
      waiting.node.serial ||= actor.home.serial()
      chain.push({ realm, id, path, serial: waiting.node.serial })
    }
    chain.push(...(waiting.chain ?? []))
  }
  return chain
}

/** Whether a handler waits, over others, for a message that has come to its actor: that of `handled`. */
export function isAwaitedBy(actor: Ref, handled: Message, message: Message): boolean {
  const isHere = ({ realm, id, serial }: Waiting): boolean =>
    id === actor.address.id && realm === actor.home.id && serial > 0 && serial === handled.node.serial
  for (let waiting: Message | undefined = message; waiting; waiting = waiting.parent)
    if (waiting === handled || waiting.chain?.some(isHere)) return true
  return false
}

/** The error that names all who wait for each other. */
export function cycleError(actor: Ref, message: Message): ActorError {
  const { realm, id, path: own } = actor.address
  const chain = chainOf(message)
  const end = chain.findIndex((each) => each.realm === realm && each.id === id)
  const between = chain.slice(0, end).map(({ path }) => path)
  const circle = [own, ...between.toReversed(), own].join(' → ')
  return new ActorError(
    'cycle',
    `${message.method}() would wait for itself: ${circle}; use tell, or static reentrant = true`,
  )
}
