import { type Access, type Caller, Message } from './message.js'

/** One attempt at what another message asks for, by one of several who may do it. Its outcome is that message's. */
export abstract class Attempt extends Message {
  constructor(
    readonly outer: Message,
    method = outer.method,
    args = outer.args,
    extensions = outer.extensions,
  ) {
    super(method, args, outer.sender, outer.deadline, extensions)
    this.signed = outer.signed
    this.node.parent = outer.parent
    this.node.chain = outer.chain
    outer.node.inner = this
  }

  /** It has an outcome: a result, or a failure. Returns whether there is another attempt, and no outcome of the message then. */
  protected abstract over(failure: unknown, result?: unknown): boolean

  override get caller(): Caller | undefined {
    return this.outer.caller
  }

  override get access(): Access | undefined {
    return this.outer.access
  }

  /** The message fails with this. */
  failWith(error: unknown): void {
    this.outer.started = this.started
    this.outer.fail(error)
  }

  protected resolve(value: unknown): void {
    this.over(undefined, value)
    this.outer.done(value)
  }

  protected reject(error: unknown): void {
    if (!this.over(error)) this.failWith(error)
  }

  /** The message has its own time. */
  override expire(): void {
    this.outer.expire()
  }
}
