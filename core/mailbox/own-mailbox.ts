import { ActorError } from '../ground/errors.js'
import type { Inbox, Mailbox } from './mailbox.js'
import type { Message } from '../message/message.js'

/** A mailbox of the user's: what it fails at is the answer of those whose messages it has. */
export class OwnMailbox implements Inbox {
  readonly #own: Mailbox
  readonly #path: string
  readonly #failed: (error: ActorError) => void
  readonly #waiting = new Set<Message>()
  #broken = false
  /** It gave nothing when it was last asked: it is asked again once something is put. */
  #isDry = false

  /** `failed` hears that nothing can be taken from it any more. */
  constructor(own: Mailbox, path: string, failed: (error: ActorError) => void) {
    this.#own = own
    this.#path = path
    this.#failed = failed
  }

  get size(): number {
    return this.#broken || this.#isDry ? 0 : this.#own.size
  }

  put(message: Message): Message | undefined {
    this.#isDry = false
    try {
      this.#waiting.add(message)
      const left = this.#own.put(message) as Message | undefined
      if (left !== undefined && !this.#waiting.delete(left)) throw wrong('put', left)
      return left
    } catch (cause) {
      this.#waiting.delete(message)
      message.fail(this.#error(`threw on ${message.method}()`, cause))
      return undefined
    }
  }

  take(): Message | undefined {
    if (this.#broken) return undefined
    try {
      const message = this.#own.take() as Message | undefined
      this.#isDry = !message
      // One that failed when it was put may be given all the same.
      if (message !== undefined && !this.#waiting.delete(message) && message?.settled !== true)
        throw wrong('take', message)
      return message
    } catch (cause) {
      this.#broken = true
      this.#refuse((message) => this.#error(`does not give ${message.method}()`, cause))
      this.#failed(this.#error('failed', cause))
      return undefined
    }
  }

  async close(): Promise<void> {
    this.#refuse(({ method }) => new ActorError('stopped', `${this.#path} ended before it was given ${method}()`))
    await this.#own.close?.()
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

const wrong = (method: string, value: unknown): ActorError =>
  new ActorError(
    'malformed',
    `${method}() of a mailbox returns a message that was put into it, or undefined, not ${value instanceof Promise ? 'a promise' : typeof value}`,
  )
