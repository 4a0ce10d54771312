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
 * The base class of actors. It adds `context` and hooks, and lets `dispatcher.spawn` take the class. Any other class
 * can be hosted, too: see `actor`, `host` and `listen`.
 *
 * Public methods can be called through a proxy. They are handled one at a time. Names that start with `_`, `#private`
 * members, hooks and `context` can never be called.
 *
 * A class can set these static properties: `exposed` (the names that can be called, read and written), `references`
 * (the methods whose result is passed by reference), `concurrency` (how many handlers may interleave at `await`, 1
 * unless given), `timeout` (the time limit in ms of calls that have none), `reentrant` (whether a call that would
 * wait for itself is handled at once, instead of rejected with `cycle`), and `movable` (see `troupe/move`).
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

  /**
   * The actor's view of the message that it handles, and of its surroundings. Throws `not-found` in the constructor.
   */
  get context(): Context<this> {
    if (!this.#holder)
      throw new ActorError('not-found', 'there is no context in the constructor; use it from onStart on')
    return this.#holder.contextOf(this) as Context<this>
  }

  /**
   * Called before the first `onStart`, not after a restart. If it returns false, or a promise of false, the actor stays
   * suspended until `resume`.
   */
  shouldStart?(): unknown

  /** Awaited before the first message. If it throws, `spawn` rejects with `start-failed` and the error as cause. */
  onStart?(): unknown
  /** Awaited after the last message, and before a new instance replaces this one. Not called after `kill`. */
  onStop?(reason: unknown): unknown
  /** Awaited before `onStart` of an instance that replaces one that failed with `error`. */
  onRestart?(error: unknown): unknown
  /** Called once after each message, with its outcome. */
  onSettled?(message: SettledMessage, outcome: Outcome): unknown
  /**
   * Returns the state of the actor: a value that can be copied. A class that has both `snapshot` and `restore` can be moved
   * and be durable; neither can then be called through a proxy.
   */
  snapshot?(): unknown
  /** Gets back what `snapshot` returned, and the version of the class that did. Called before `onStart`; awaited. */
  restore?(state: unknown, version: number): unknown
  /** Called for `info(proxy)`, also while a message is handled. Its result is in `extra`. */
  onInfo?(): unknown
}
