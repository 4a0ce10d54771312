/* oxlint-disable typescript/no-explicit-any -- constructors are matched, not used. */

import { ActorError } from '../ground/errors.js'
import type { Env } from '../ground/env.js'
import { restartsOf } from '../ground/restarts.js'
import type { MailboxOptions } from '../mailbox/bounded-mailbox.js'
import type { Mailbox } from '../mailbox/mailbox.js'
import {
  type Decide,
  readRestart,
  type RestartOptions,
  type RestartType,
  RESTART_TYPES,
  STRATEGIES,
  type Strategy,
} from './restart-options.js'

/** Any class whose instances can be actors. */
export type ActorClass = new (...args: any[]) => object

interface Common {
  /** Unique in its dispatcher; random unless given. Code: `id-in-use`. */
  readonly id?: string
  /** Unique in its dispatcher, without `/`. `lookup` finds it. Codes: `name-taken`, `malformed`. */
  readonly name?: string
  /** The name of a group, which the actor is a member of from its start to its end. See `troupe/group`. Code: `malformed`. */
  readonly group?: string
  /**
   * When the actor is restarted: `transient` after a failure, `permanent` also when it stops itself, `temporary`
   * never. With this option, a handler that throws is a failure. Without it, only `every` and `onStart` of a restart
   * can fail, and the actor is `transient`.
   */
  readonly restart?: RestartType | RestartOptions
  /** Called for each failure: chooses what happens to the actor. */
  readonly decide?: Decide
  /** Which of its children are restarted together. `one-for-one` unless given. */
  readonly strategy?: Strategy
  /**
   * How often a message that failed is tried again. After that it is a dead letter. 0 unless given. A generator that throws
   * is not tried again.
   */
  readonly retries?: number
  /**
   * Limit and policy of the mailbox, or an object that is the mailbox. Codes of calls: `overloaded`, `stored-failed`.
   */
  readonly mailbox?: MailboxOptions | Mailbox
  /** Whether a child outlives a restart of its parent. `spawn` with the same name in `onStart` then returns it. */
  readonly keep?: boolean
}

/** The options of `spawn`. `args` are the arguments of the constructor, required if it requires any. */
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
  readonly pooled?: Pooled
  /** What a durable actor is called in the store, where that is neither its name nor its id. */
  readonly storedAs?: string
}

/** What a pool says of an actor that it spawns. */
export interface Pooled {
  /** Messages that the actor handles at a time. */
  readonly concurrency: number
  /**
   * One 32-bit integer: how many messages the actor has begun to handle, from 0 once there is an actor that counts them.
   * While it is below 0 the actor refuses them.
   */
  readonly started?: SharedArrayBuffer
}

/** Throws `malformed`. */
export function checkSpawnOptions(env: Env, options: AnySpawnOptions): void {
  if (typeof options !== 'object' || options === null) throw wrong('options', 'must be an object')
  const { args, restart, strategy, decide, retries } = options
  if (args !== undefined && !Array.isArray(args)) throw wrong('args', "must be an array of the constructor's arguments")
  const policy = readRestart(restart)
  // It throws for what is no object, and for what is no number in it.
  void restartsOf(env, policy)
  const { type = 'transient' } = policy
  if (!RESTART_TYPES.includes(type)) throw wrong('restart', `must be one of ${RESTART_TYPES.join(', ')}`)
  if (strategy !== undefined && !STRATEGIES.includes(strategy))
    throw wrong('strategy', `must be one of ${STRATEGIES.join(', ')}`)
  if (decide !== undefined && typeof decide !== 'function') throw wrong('decide', 'must be a function')
  if (retries !== undefined && (typeof retries !== 'number' || !(retries >= 0) || retries % 1 > 0))
    throw wrong('retries', 'must be a whole number of 0 or more')
}

const wrong = (option: string, what: string): ActorError => new ActorError('malformed', `spawn: '${option}' ${what}`)
