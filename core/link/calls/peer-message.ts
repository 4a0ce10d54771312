import type { ActorError } from '../../ground/errors.js'
import { type Access, type Caller, type Extensions, Message, type Receiver } from '../../message/message.js'
import { Op } from '../session/op.js'

/** Where the outcome of a peer's message goes. */
export interface Replier {
  readonly caller: Caller
  /** `op` tells a result from an error. */
  settled(message: PeerMessage, op: number, outcome: unknown): void
  /** The caller gave up, and the reply is still to come. */
  abandoned(call: number): void
}

/** A message that a peer sent. Each call gets exactly one reply, also when its caller gave up. */
export class PeerMessage extends Message {
  readonly #replier: Replier
  readonly #access: Access | undefined
  readonly #isTimed: boolean

  constructor(
    replier: Replier,
    /** The peer's slot; -1 for a message without reply. */
    readonly call: number,
    /** Bytes of its frame. */
    readonly size: number,
    /** What it takes of memory, in units of 16 bytes, beside its texts. */
    readonly weight: number,
    method: string,
    args: readonly unknown[],
    sender: Receiver | undefined,
    deadline: number,
    extensions: Extensions | undefined,
    access: Access | undefined,
    isTimed: boolean,
  ) {
    super(method, args, sender, deadline, extensions)
    this.#replier = replier
    this.#access = access
    this.#isTimed = isTimed
  }

  override get expectsReply(): boolean {
    return this.call >= 0
  }

  override get caller(): Caller {
    return this.#replier.caller
  }

  override get isTimed(): boolean {
    return this.#isTimed
  }

  override get access(): Access | undefined {
    return this.#access
  }

  /** Of a limit that the actor's class sets, or the realm where the caller states none, the caller hears by the reply alone. */
  override expire(): void {
    super.expire()
    if (!this.#isTimed || this.node.isLimited) this.fail(undefined)
  }

  protected resolve(value: unknown): void {
    this.#replier.settled(this, Op.Result, value)
  }

  protected reject(error: unknown): void {
    this.#replier.settled(this, Op.Fail, error)
  }

  // The caller has settled its own side; the slot stays taken until the handler has ended.
  protected override abandon(_reason: ActorError): void {
    this.#replier.abandoned(this.call)
  }
}
