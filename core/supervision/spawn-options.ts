/* oxlint-disable typescript/no-explicit-any -- constructors are matched, not used. */

import { ActorError } from '../ground/errors.js'
import type { MailboxOptions } from '../mailbox/bounded-mailbox.js'
import type { Mailbox } from '../mailbox/mailbox.js'
import {
  type Decide,
  type RestartOptions,
  type RestartType,
  RESTART_TYPES,
  STRATEGIES,
  type Strategy,
} from './restart.js'

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

/** What is wrong with options; undefined if they are right. */
function fault({ args, restart, strategy, decide, retries }: AnySpawnOptions): string | undefined {
  const type = typeof restart === 'object' && restart !== null ? restart.type : restart
  if (args !== undefined && !Array.isArray(args)) return "'args' is the array of the constructor's arguments"
  if (restart === null || (type !== undefined && !RESTART_TYPES.includes(type)))
    return `'restart' is one of ${RESTART_TYPES.join(', ')}`
  if (strategy !== undefined && !STRATEGIES.includes(strategy)) return `'strategy' is one of ${STRATEGIES.join(', ')}`
  if (decide !== undefined && typeof decide !== 'function') return "'decide' is a function"
  if (retries !== undefined && !(typeof retries === 'number' && retries >= 0)) return "'retries' is a number"
  return undefined
}

/** Throws `malformed`. */
export function checkSpawnOptions(options: AnySpawnOptions): void {
  const wrong = typeof options === 'object' && options !== null ? fault(options) : 'options are an object'
  if (wrong) throw new ActorError('malformed', `spawn: ${wrong}`)
}
