import { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import type { Route } from './remote-ref.js'

/** Where a reference leads that was given back. */
export class ReleasedRoute implements Route {
  readonly patience = Infinity
  readonly open = false
  readonly trusted = true
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  deliver(message: Message): void {
    message.fail(this.#refusal())
  }

  async control(): Promise<never> {
    throw this.#refusal()
  }

  watch(listener: (reason: unknown) => void): () => void {
    listener(this.#refusal())
    return () => {}
  }

  #refusal(): ActorError {
    return new ActorError('released', `${this.#path} was let go of here; ask for it again`)
  }
}
