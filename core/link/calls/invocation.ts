import { ActorError, thrownBy } from '../../ground/errors.js'
import type { Message } from '../../message/message.js'
import { isOrphan } from '../../message/owner.js'
import { answer } from '../../message/request.js'
import type { Exported } from '../references/exports.js'
import type { References } from '../references/references.js'

/** What a peer may call that is no actor. */
type Invoked = Exclude<Exported, { kind: 'actor' }>

/** A function runs at once, outside any mailbox, and ends with the actor that made it; a stream takes one step. */
export function invoke({ realm, exports }: References, index: number, exported: Invoked, message: Message): void {
  const { kind } = exported
  if (kind === 'signal' || message.access) {
    return message.fail(new ActorError('not-exposed', `a ${kind} has no method or property of that name`))
  }
  if (kind === 'stream') {
    return answer(realm, message, () => exported.end.move(message, () => exports.release(index)), thrownBy)
  }
  if (isOrphan(exported)) {
    return message.fail(new ActorError('released', 'the actor that passed on the function has ended or restarted'))
  }
  const { owner, target } = exported
  const over = owner?.callOfFunction(message)
  answer(realm, message, () => Reflect.apply(target, undefined, message.args), thrownBy, over)
}
