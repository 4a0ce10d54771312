import type { ActorError } from '../../ground/errors.js'
import { type Access, type Caller, type Extensions, Message, type Reach, type Receiver } from '../../message/message.js'
import { accessOf } from '../../message/property.js'

/** Where the outcome of a peer's call goes. */
export interface Replier {
  readonly caller: Caller
  reply(slot: number, value: unknown): void
  replyError(slot: number, error: unknown): void
  /** The caller gave up, and the reply is still to come. */
  abandoned(slot: number): void
  report(error: unknown, about: string): void
  lost(reason: unknown, about: string): void
}

/** A message that a peer sent. Each call gets exactly one reply, also when its caller gave up. */
export class Inbound extends Message {
  readonly #replier: Replier
  readonly #call: number

  constructor(
    replier: Replier,
    /** The peer's slot; -1 for a message without reply. */
    call: number,
    method: string,
    args: readonly unknown[],
    sender: Receiver | undefined,
    deadline: number,
    extensions: Extensions | undefined,
  ) {
    super(method, args, sender, deadline, extensions)
    this.#replier = replier
    this.#call = call
  }

  get expectsReply(): boolean {
    return this.#call >= 0
  }

  get caller(): Caller {
    return this.#replier.caller
  }

  protected resolve(value: unknown): void {
    if (this.#call >= 0) this.#replier.reply(this.#call, value)
  }

  protected reject(error: unknown): void {
    if (this.#call >= 0) this.#replier.replyError(this.#call, error)
    else if (this.started) this.#replier.report(error, `${this.method}() from a peer`)
    else this.#replier.lost(error, `${this.method}() from a peer`)
  }

  // The caller has settled its own side; the slot stays taken until the handler has ended.
  protected abandon(_reason: ActorError): void {
    this.#replier.abandoned(this.#call)
  }
}

/** A peer's call that reads or writes a property. */
export class InboundProperty extends Inbound {
  readonly #access = accessOf(this.args)

  override get access(): Access {
    return this.#access
  }

  override invoke(instance: object, reach: Reach): unknown {
    return reach.access(this, instance)
  }
}
