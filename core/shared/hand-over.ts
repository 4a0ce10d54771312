import type { ActorContext, Context } from '../actor/context.js'
import type { Message } from '../message/message.js'

/** The message that is handled, by a context that was taken before the first `await`; undefined outside of messages. */
export const messageOf = (context: Context<unknown>): Message | undefined => (context as ActorContext).message

/**
 * For a handler that is about to return or yield something: it is taken back if the caller gives up before it has it, also
 * while the reply is on its way over a link. Throws the signal's reason where the caller has given up already.
 */
export function handOver(message: Message | undefined, takeBack: () => void): void {
  if (!message) return
  if (message.gaveUp) {
    takeBack()
    throw message.signal.reason
  }
  const { node } = message
  const before = node.takeBack
  node.takeBack = () => {
    node.takeBack = undefined
    takeBack()
    before?.()
  }
}
