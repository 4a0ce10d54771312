import { ActorError } from '../../ground/errors.js'
import type { Message } from '../../message/message.js'
import { isOrphan } from '../../message/owner.js'
import type { Exported, Exports } from '../references/exports.js'

/** What a peer may call that is no actor. */
type Invoked = Exclude<Exported, { kind: 'actor' }>

/** A function runs at once, outside any mailbox; a stream takes one step. */
export function invoke(exports: Exports, index: number, exported: Invoked, message: Message): void {
  const { kind } = exported
  if (kind === 'signal' || message.access) {
    return message.fail(new ActorError('not-exposed', `a ${kind} has no method or property of that name`))
  }
  if (kind === 'function' && isOrphan(exported)) {
    return message.fail(new ActorError('released', 'the actor that passed on the function has ended or restarted'))
  }
  message.started = true
  settle(message, () =>
    kind === 'function'
      ? Reflect.apply(exported.target, undefined, message.args)
      : exported.end.move(message, () => exports.release(index)),
  )
}

/** Runs code of the user's and settles the message with what comes of it. */
export function settle(message: Message, work: () => unknown): void {
  try {
    const result = work()
    if (typeof result === 'object' && result !== null && typeof (result as PromiseLike<unknown>).then === 'function') {
      ;(result as PromiseLike<unknown>).then(
        (value) => message.done(value),
        (error: unknown) => message.fail(error),
      )
    } else message.done(result)
  } catch (error) {
    message.fail(error)
  }
}
