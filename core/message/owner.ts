import type { Message } from './message.js'

/** An actor that handed a function out: the function ends with the instance that did. */
export interface Owner {
  readonly instance: object
  readonly hasEnded: boolean
  /** A function of its instance is called: the call ends with the instance. Returns what to call when it is over. */
  callOfFunction(call: Message): () => void
}

/** Whether the function still has the actor behind it that made it. */
export const isOrphan = ({
  owner,
  instance,
}: {
  readonly owner: Owner | undefined
  readonly instance?: object | undefined
}): boolean => owner !== undefined && (owner.instance !== instance || owner.hasEnded)
