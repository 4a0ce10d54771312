import { hostingOf } from '../actor/hosting.js'
import { HOSTS, type Hosts } from '../realm/hosting.js'
import { movingOf } from './moving.js'

/**
 * For the class of an actor that can be moved between realms, which also needs `snapshot` and `restore`. It brings what
 * takes the actor in another realm, and what lets another realm order the move:
 *
 * ```ts
 * class Counter extends Actor {
 *   static movable = movable
 *   static version = 2 // of what snapshot() returns; 1 unless given
 *   #count = 0
 *   snapshot() { return this.#count }
 *   restore(count: number) { this.#count = count }
 * }
 * ```
 */
export const movable: { readonly [HOSTS]: Hosts } = {
  [HOSTS](realm) {
    movingOf(realm)
    return hostingOf(realm)
  },
}
