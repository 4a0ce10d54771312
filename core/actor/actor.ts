import type { Outcome, SettledMessage } from '../supervision/settled-message.js'
import { HOSTS, type Hosts } from '../realm/hosting.js'
import { hostingOf } from './hosting.js'
import { Instance } from './instance.js'

/**
 * Base of actors that want a context or hooks; any other class can be an actor too.
 *
 * Public methods are messages, handled one at a time. Names that start with `_` and `#private`
 * members are never reachable from outside.
 */
export abstract class Actor extends Instance {
  /** A dispatcher that is given an actor of this class can host it: nothing else brings the code that does. */
  static readonly [HOSTS]: Hosts = hostingOf

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
