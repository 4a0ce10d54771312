import { Step } from '../actor/stream.js'
import { ActorError } from '../ground/errors.js'
import type { Inbox } from '../mailbox/mailbox.js'
import type { Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import type { Detour } from '../supervision/detour.js'
import { Work } from '../supervision/work.js'

/** The way to an actor that has moved away. */
export class Onward implements Detour {
  constructor(readonly to: RemoteRef) {}

  get actual(): Ref {
    return this.to.actual
  }

  control(request: Message): void {
    this.to.control(request)
  }
}

/** The mailbox of an actor that has moved away: what is put into it goes on at once, in order. */
export class OnwardMailbox implements Inbox {
  readonly size = 0
  readonly #to: RemoteRef

  constructor(to: RemoteRef) {
    this.#to = to
  }

  put(message: Message): undefined {
    // These are the business of the instance that has gone.
    if (message instanceof Step || message instanceof Work)
      message.refuse(new ActorError('stopped', `the actor moved before ${message.method}`))
    else this.#to.deliver(message)
  }

  take(): undefined {}
}
