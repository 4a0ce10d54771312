import type { Address } from '../ground/address.js'
import type { ActorError } from '../ground/errors.js'
import type { AnySpawnOptions } from '../supervision/spawn-options.js'
import type { State } from '../supervision/state.js'

/** The events of `dispatcher.on`, each with the arguments of its listener. */
export interface RealmEvents {
  /**
   * Before an actor is made. The listener may change the options. If it throws, `spawn` rejects with `start-failed`.
   */
  spawning(spawning: Spawning): void
  /** After `onStart`. */
  started(address: Address): void
  /** After `onStop`, or when the actor was killed. */
  stopped(address: Address, reason: unknown): void
  /** When a new instance has replaced one that failed with `error`. */
  restarted(address: Address, error: unknown): void
  /** Every change of an actor's state. */
  state(address: Address, state: State, before: State): void
  /** A message that no handler received, or that failed after its retries, and that no caller awaits. */
  'dead-letter'(letter: DeadLetter): void
  /** A handler has run for as long as the option `stalled` says while other messages wait for its actor. It goes on. */
  stalled(stalled: Stalled): void
  /** What a durable actor did could not be stored. */
  'stored-failed'(address: Address, error: ActorError): void
  /** A link was opened to the dispatcher with the id `peer`. */
  'peer-up'(peer: string): void
  /** A peer states another version of the application, so there is no link with it. */
  version(conflict: VersionConflict): void
  /** A link has ended. */
  'peer-down'(peer: string, reason: ActorError): void
}

/** A peer that is not accepted, as its application has another version. */
export interface VersionConflict {
  /** The id of its dispatcher. */
  readonly peer: string
  readonly theirs: string
  readonly ours: string
}

/** The argument of a listener of `spawning`, which may replace `options`. */
export interface Spawning {
  /** The key in `actors`, or the class's name. */
  readonly kind: string
  /** The path of the parent. */
  readonly parent: string | undefined
  options: AnySpawnOptions
}

/** An actor that has ended. */
export interface Terminated {
  readonly address: Address
  readonly reason: unknown
}

/** A handler that runs for long while other messages wait for its actor. */
export interface Stalled {
  readonly address: Address
  /** What it handles. */
  readonly method: string
  /** Milliseconds for which it was seen to run. */
  readonly runs: number
  /** Messages that wait. */
  readonly waiting: number
  /** Calls that it made and that are not settled, such as `add() of /counter`, as far as they are known. */
  readonly awaits: readonly string[]
}

/** A message that no handler received, or that failed after its retries, and that no caller awaits. */
export interface DeadLetter {
  /** The method and the actor. */
  readonly about: string
  readonly reason: unknown
}

/** The argument of the dispatcher's `log`. */
export interface LogEntry {
  /** `error` for errors that no caller awaits, `info` for calls that an interceptor logs, `warn` for everything else. */
  readonly level: 'info' | 'warn' | 'error'
  /** What happened. */
  readonly text: string
  /** What was thrown, or the reason. */
  readonly error: unknown
}
