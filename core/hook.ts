import { Ask } from './ask.js'

/** The kit's own work on an actor (start, stop), handled like any other message. */
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
