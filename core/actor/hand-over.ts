import type { Message } from '../message/message.js'
import { borrow, refOf } from '../proxy/proxy.js'
import type { Realm } from '../realm/realm.js'
import { copy } from '../wire/copy.js'

/**
 * Hands the arguments of a message over within a realm: as they are, or as copies where the realm isolates its actors.
 * An argument that is an actor, or its owner's proxy, becomes a borrowed proxy: no call passes by the actor's mailbox.
 * Throws `uncloneable`, naming `method`.
 */
export function handOver(home: Realm, message: Message, method: () => string): void {
  if (home.isolates) {
    message.args = copy(home, message.args, method())
    return
  }
  const { args } = message
  for (let place = 0; place < args.length; place++) {
    const ref = refOf(args[place])
    if (ref) message.args = message.args.map((arg, at) => (at === place ? borrow(ref) : arg))
  }
}
