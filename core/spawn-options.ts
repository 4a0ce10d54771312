/* oxlint-disable typescript/no-explicit-any -- constructors are matched, not used. */

import type { MailboxOptions } from './bounded-mailbox.js'
import type { Mailbox } from './mailbox.js'
import type { Decide, RestartOptions, RestartType, Strategy } from './supervision/restart.js'

export type ActorClass = new (...args: any[]) => object

interface Common {
  /** Unique in its realm; made up unless given. Code: `id-in-use`. */
  readonly id?: string
  /** Unique in its dispatcher, found by `lookup`. Code: `name-taken`. */
  readonly name?: string
  /**
   * Whether it comes back: `permanent` also when it leaves by itself, `transient` when it failed, `temporary` never.
   * Given, a handler that throws has failed; unless given, only `onStart` of a restart and `every` fail, as `transient`.
   */
  readonly restart?: RestartType | RestartOptions
  /** Decides for each failure what becomes of the actor. */
  readonly decide?: Decide
  /** How its children are restarted when one of them is; `one-for-one` unless given. */
  readonly strategy?: Strategy
  /** So often a message that failed is tried again; then it is a dead letter. 0 unless given. */
  readonly retries?: number
  /** Bound and policy of its mailbox, or a mailbox of its own. Codes: `malformed` at spawn, `overloaded` and `stored-failed` of calls. */
  readonly mailbox?: MailboxOptions | Mailbox
  /** A child that outlives a restart of its parent: `spawn` of its name in `onStart` gives it back. */
  readonly keep?: boolean
}

/** Options of `spawn`; `args` is required where the constructor requires arguments. */
export type SpawnOptions<C extends ActorClass> = Common &
  (ConstructorParameters<C> extends []
    ? { readonly args?: [] }
    : [] extends ConstructorParameters<C>
      ? { readonly args?: ConstructorParameters<C> }
      : { readonly args: ConstructorParameters<C> })

/** The rest parameter of `spawn`: the options, left out where nothing in them is required. */
export type SpawnRest<C extends ActorClass> =
  [] extends ConstructorParameters<C> ? [options?: SpawnOptions<C>] : [options: SpawnOptions<C>]

/** The same without types, as it crosses a link. */
export interface AnySpawnOptions extends Common {
  readonly args?: readonly unknown[]
  /** Its arguments were moved: there are none to make it again. */
  readonly isMoved?: boolean
}
