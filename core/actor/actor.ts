import type { Context } from './context.js'
import { ActorError } from '../ground/errors.js'
import type { Outcome, SettledMessage } from '../supervision/settled-message.js'

/** Who has the context of an instance, made when first asked for. */
interface Holder {
  contextOf(instance: object): Context<unknown>
}

/** Internal: who has the context of an instance, if it has one. */
export let holderOf: (instance: object) => object | undefined
/** Internal: gives an instance its context. */
export let bindContext: (instance: object, holder: Holder) => void

/**
 * Base of actors that want a context or hooks; any other class can be an actor too.
 *
 * Public methods are messages, handled one at a time. Names that start with `_` and `#private`
 * members are never reachable from outside.
 */
export abstract class Actor {
  #holder: Holder | undefined

  static {
    bindContext = (instance, holder) => {
      if (#holder in instance) instance.#holder = holder
    }
    holderOf = (instance) => (#holder in instance ? instance.#holder : undefined)
  }

  /** All that an actor has of the world. Throws in the constructor: it works from `onStart` on. */
  get context(): Context<this> {
    if (!this.#holder)
      throw new ActorError('not-found', 'context is not there in the constructor; use it from onStart on')
    return this.#holder.contextOf(this) as Context<this>
  }

  /** Whether to start now; false leaves it suspended until somebody resumes it. */
  shouldStart?(): unknown

  /** Awaited before the first message; a throw rejects `spawn`. */
  onStart?(): unknown
  /** Awaited after the last message, and before a new instance takes the place of this one. */
  onStop?(reason: unknown): unknown
  /** Awaited before `onStart` of an instance that takes the place of one that failed. */
  onRestart?(error: unknown): unknown
  /** Called once for each message that was handled, with what came of it. */
  onSettled?(message: SettledMessage, outcome: Outcome): unknown
  /** Called for `info(proxy)`, also while a message is handled; what it returns is `extra`. */
  onInfo?(): unknown
}
