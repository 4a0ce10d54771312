import type { Cell } from '../actor/cell.js'
import { Step } from '../actor/stream.js'
import { ActorError } from '../ground/errors.js'
import { type Inbox, Queue } from '../mailbox/mailbox.js'
import type { Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import { answer } from '../message/request.js'
import type { Realm } from '../realm/realm.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import type { Detour } from '../supervision/detour.js'
import { Work } from '../supervision/work.js'
import { passed } from './passage.js'

/**
 * The way to an actor that has moved away. It ends here when it ends there, or when the way does. Where the way does, the
 * actor may live on: this stays, and what is asked of the actor fails with `unreachable`, as there is no other way.
 */
export class Onward implements Detour {
  readonly to: RemoteRef
  readonly #undos: readonly (() => void)[]
  #isLost = false

  constructor(cell: Cell, to: RemoteRef) {
    this.to = to
    this.#undos = [to.watch((reason) => this.end(cell, reason)), cell.watch(() => this.leave(cell))]
  }

  get actual(): Ref {
    return this.to.actual
  }

  control(request: Message): void {
    const { home } = this.to
    if (request.method === 'fence') answer(home, request, () => passed(home as Realm, this.to, request.args[0]))
    else this.to.control(request)
  }

  end({ life }: Cell, reason: unknown): void {
    if (life.detour !== this) return
    this.#isLost = reason instanceof ActorError && reason.code === 'unreachable'
    life.ending.terminate(reason)
  }

  /** The actor goes this way no more: it is back, or has ended. Nothing here holds the one there then. */
  leave(cell: Cell): void {
    for (const undo of this.#undos) undo()
    if (cell.life.detour !== this || this.#isLost) return
    cell.life.detour = undefined
    cell.replaceMailbox(new Queue(0))
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
