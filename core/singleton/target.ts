import type { Cell } from '../actor/cell.js'
import type { Link } from '../link/link.js'
import type { Ref } from '../message/ref.js'
import type { Target as Rerouted } from '../rerouting/target.js'

/** Where calls go: the actor, at the realm that runs it now. */
export interface Target extends Rerouted {
  /** Resolves when it is not open any more. */
  readonly ended: Promise<unknown>
}

/** The actor of this realm, or of the one at the end of a link. */
export function targetAt(ref: Ref, link?: Link): Target {
  let isThere = true
  return {
    ref,
    ended: new Promise<void>((resolve) => {
      const end = (): void => {
        isThere = false
        resolve()
      }
      ref.watch(end)
      void link?.closed.then(end)
    }),
    get isOpen() {
      return isThere && link?.open !== false && !(ref as Partial<Cell>).hasEnded
    },
  }
}
