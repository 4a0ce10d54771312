import { Ask } from '../message/ask.js'

/** A hook of an actor, handled like any other message; its outcome is a promise of this realm. */
export class Hook extends Ask {
  readonly #work: () => unknown

  constructor(name: string, work: () => unknown) {
    super(name, [], undefined, Infinity, undefined)
    this.#work = work
  }

  override invoke(): unknown {
    return this.#work()
  }
}
