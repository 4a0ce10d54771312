import type { Context } from './context.js'
import { ActorError } from './errors.js'

/** Internal: gives an instance its context. */
export let bindContext: (instance: object, context: () => Context<unknown>) => void

/**
 * Base of actors that want a context or hooks; any other class can be an actor too.
 *
 * Public methods are messages, handled one at a time. Names that start with `_` and `#private`
 * members are never reachable from outside.
 */
export abstract class Actor {
  #context: (() => Context<unknown>) | undefined

  static {
    bindContext = (instance, context) => {
      if (#context in instance) instance.#context = context
    }
  }

  /** All that an actor has of the world. Throws in the constructor: it works from `onStart` on. */
  get context(): Context<this> {
    if (!this.#context)
      throw new ActorError('not-found', 'context is not there in the constructor; use it from onStart on')
    return this.#context() as Context<this>
  }

  /** Awaited before the first message; a throw rejects `spawn`. */
  onStart?(): unknown
  /** Awaited after the last message. */
  onStop?(reason: unknown): unknown
}
