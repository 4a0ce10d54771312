import { hostingOf } from '../actor/hosting.js'
import { ActorError } from '../ground/errors.js'
import { HOSTS } from '../realm/hosting.js'
import type { Movable } from './movable-class.js'
import { movingOf } from './moving.js'

/** The options of `movable`. */
export interface MovableOptions {
  /** Which form the state has that `snapshot` returns: `restore` gets it. 1 unless given. */
  readonly version?: number
}

/**
 * For the class of an actor that can be moved between realms, which also needs `snapshot` and `restore`. It brings what
 * takes the actor in another realm, and what lets another realm order the move.
 *
 * Takes the key under which realms offer the class, as names of classes are shortened when an application is built, and
 * options. Throws `malformed` for a key that is no text.
 *
 * ```ts
 * class Counter extends Actor {
 *   static movable = movable('Counter')
 *   #count = 0
 *   snapshot() { return this.#count }
 *   restore(count: number) { this.#count = count }
 * }
 * ```
 */
export function movable(key: string, { version = 1 }: MovableOptions = {}): Movable {
  if (typeof key !== 'string' || typeof version !== 'number')
    throw new ActorError(
      'malformed',
      "movable takes the key of a class, such as 'Counter', and a 'version' as a number",
    )
  return {
    key,
    version,
    [HOSTS](realm) {
      movingOf(realm)
      return hostingOf(realm)
    },
  }
}
