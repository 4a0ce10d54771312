import { queueMicrotask } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import { isAmount } from '../ground/milliseconds.js'
import { Message } from '../message/message.js'
import type { Inbox, Mailbox } from './mailbox.js'

/** A mailbox of the user's: what it fails at is the answer of those whose messages it has. */
export class OwnMailbox implements Inbox {
  readonly #own: Mailbox
  readonly #path: string
  readonly #failed: (error: ActorError) => void
  readonly #waiting = new Set<Message>()
  /** Those that failed when they were put, or that there was no room for: each may be given all the same, once. */
  readonly #refused = new WeakSet<Message>()
  /** It is closed, or failed: nothing is asked of it any more. */
  #isOver = false
  /** What it failed with. */
  #cause: unknown
  /** It gave nothing when it was last asked: it is asked again once something is put. */
  #isDry = false

  /** `failed` hears, as a microtask of its own, that nothing can be taken from it any more. */
  constructor(own: Mailbox, path: string, failed: (error: ActorError) => void) {
    this.#own = own
    this.#path = path
    this.#failed = failed
  }

  get size(): number {
    if (this.#isOver || this.#isDry) return 0
    try {
      const { size } = this.#own
      if (isAmount(size)) return size
      throw wrong('size', 'is a number of 0 or more', size)
    } catch (cause) {
      this.#break(cause)
      return 0
    }
  }

  put(message: Message): Message | undefined {
    this.#isDry = false
    try {
      if (this.#isOver) throw this.#cause
      this.#waiting.add(message)
      const left = this.#own.put(message) as Message | undefined
      if (left === undefined) return undefined
      if (!this.#waiting.delete(left)) throw wrong('put()', RETURNS, left)
      this.#refused.add(left)
      return left
    } catch (cause) {
      this.#waiting.delete(message)
      this.#refused.add(message)
      message.fail(this.#error(`threw on ${message.method}()`, cause))
      return undefined
    }
  }

  take(): Message | undefined {
    if (this.#isOver) return undefined
    try {
      const message = this.#own.take() as Message | undefined
      this.#isDry = !message
      if (message !== undefined && !this.#waiting.delete(message) && !this.#refused.delete(message))
        throw wrong('take()', RETURNS, message)
      return message
    } catch (cause) {
      this.#break(cause)
      return undefined
    }
  }

  async close(): Promise<void> {
    this.#isOver = true
    this.#refuse(({ method }) => new ActorError('stopped', `${this.#path} ended before it was given ${method}()`))
    await this.#own.close?.()
  }

  #break(cause: unknown): void {
    this.#isOver = true
    this.#cause = cause
    this.#refuse((message) => this.#error(`does not give ${message.method}()`, cause))
    // Later: an actor that asks for the size is in the middle of something.
    queueMicrotask(() => this.#failed(this.#error('failed', cause)))
  }

  /** What it has, and did not give, never runs. */
  #refuse(reason: (message: Message) => ActorError): void {
    for (const message of this.#waiting) message.fail(reason(message))
    this.#waiting.clear()
  }

  #error(what: string, cause: unknown): ActorError {
    return new ActorError('stored-failed', `the mailbox of ${this.#path} ${what}`, { cause })
  }
}

const RETURNS = 'returns a message that waits in it, or undefined'

function wrong(member: string, right: string, value: unknown): ActorError {
  let text: string = value instanceof Promise ? 'a promise' : typeof value
  if (value instanceof Message) text = `${value.method}() for the second time`
  return new ActorError('malformed', `${member} of a mailbox ${right}, not ${text}`)
}
