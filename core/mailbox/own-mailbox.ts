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

  /** `failed` hears that nothing can be taken from it any more. */
  constructor(own: Mailbox, path: string, failed: (error: ActorError) => void) {
    this.#own = own
    this.#path = path
    this.#failed = failed
  }

  get size(): number {
    return this.#broken ? 0 : this.#own.size
  }

  put(message: Message): Message | undefined {
    try {
      const left = this.#own.put(message) as Message | undefined
      this.#waiting.add(message)
      if (left) this.#waiting.delete(left)
      return left
    } catch (cause) {
      message.fail(this.#error(`threw on ${message.method}()`, cause))
      return undefined
    }
  }

  take(): Message | undefined {
    if (this.#broken) return undefined
    try {
      const message = this.#own.take() as Message | undefined
      if (message) this.#waiting.delete(message)
      return message
    } catch (cause) {
      this.#broken = true
      for (const message of this.#waiting) message.fail(this.#error(`does not give ${message.method}()`, cause))
      this.#failed(this.#error('failed', cause))
      return undefined
    }
  }

  async close(): Promise<void> {
    await this.#own.close?.()
  }

  #error(what: string, cause: unknown): ActorError {
    return new ActorError('stored-failed', `the mailbox of ${this.#path} ${what}`, { cause })
  }
}
