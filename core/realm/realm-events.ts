import type { Address } from '../ground/address.js'
import type { ActorError } from '../ground/errors.js'
import type { AnySpawnOptions } from '../supervision/spawn-options.js'
import type { State } from '../supervision/state.js'

/** What happens in a realm, for `dispatcher.on` and the log. */
export interface RealmEvents {
  /** An actor is about to be made: the listener may change its options, or throw, and the spawn fails with `start-failed`. */
  spawning(spawning: Spawning): void
  started(address: Address): void
  stopped(address: Address, reason: unknown): void
  restarted(address: Address, error: unknown): void
  /** Every change in the life of an actor. */
  state(address: Address, state: State, before: State): void
  'dead-letter'(letter: DeadLetter): void
  'peer-up'(peer: string): void
  'peer-down'(peer: string, reason: ActorError): void
}

/** What is about to be spawned, for a listener of `spawning`: it may put other options in place, or throw to refuse: the spawn fails with `start-failed`. */
export interface Spawning {
  readonly kind: string
  readonly parent: string | undefined
  options: AnySpawnOptions
}

/** An actor that has ended. */
export interface Terminated {
  readonly address: Address
  readonly reason: unknown
}

/** A message that no handler took and no caller awaits. */
export interface DeadLetter {
  readonly about: string
  readonly reason: unknown
}

export interface LogEntry {
  readonly level: 'warn' | 'error'
  readonly text: string
  readonly error: unknown
}
