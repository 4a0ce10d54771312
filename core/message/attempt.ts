import { type Caller, Message } from './message.js'

/** One attempt at what another message asks for, by one of several who may do it. Its outcome is that message's. */
export abstract class Attempt extends Message {
  constructor(
    readonly outer: Message,
    method = outer.method,
    args = outer.args,
  ) {
    super(method, args, outer.sender, outer.deadline, outer.extensions)
    this.signed = outer.signed
    this.node.parent = outer.parent
    this.node.chain = outer.chain
    outer.node.inner = this
  }

  get expectsReply(): boolean {
    // A one-way message, too, has one at a time who does it.
    return true
  }

  get caller(): Caller | undefined {
    return this.outer.caller
  }

  protected resolve(value: unknown): void {
    this.outer.done(value)
  }

  protected reject(error: unknown): void {
    const { outer } = this
    outer.started = this.started
    outer.fail(error)
  }

  /** The outer one has its own. */
  override expire(): void {
    this.outer.expire()
  }

  protected abandon(): void {}
}
