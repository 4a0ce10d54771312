// The room actor: hosts actors: instances, whose turn it is, and the one place that runs their code.
import { ActorError } from '../ground/errors.js'
import { REF } from '../message/ref.js'
import type { Acting, acting } from '../proxy/proxy-types.js'
import { HOSTS, type Hosts } from '../realm/hosting.js'
import type { Outcome, SettledMessage } from '../supervision/settled-message.js'
import { BIND } from './bind.js'
import type { Context } from './context.js'
import { hostingOf } from './hosting.js'

/** Has the context of an instance, made when first asked for. */
interface Holder {
  contextOf(instance: object): Context<unknown>
}

/**
 * Base of actors that want a context or hooks; any other class can be an actor too.
 *
 * Public methods are messages, handled one at a time. Names that start with `_` and `#private`
 * members are never reachable from outside.
 */
export abstract class Actor implements Acting {
  /** A dispatcher that is given an actor of this class can host it: nothing else brings the code that does. */
  static readonly [HOSTS]: Hosts = hostingOf
  declare readonly [acting]: true
  #holder: Holder | undefined

  static {
    // Not in its type: an actor's own code has no use for them.
    Object.defineProperties(this.prototype, {
      [BIND]: {
        value(this: Actor, holder: Holder) {
          this.#holder = holder
        },
      },
      [REF]: {
        get(this: object) {
          return #holder in this ? this.#holder : undefined
        },
      },
    })
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
