import type { Target as Rerouted } from '../rerouting/target.js'

/** Where calls go: the actor, at the realm that runs it now. */
export interface Target extends Rerouted {
  /** Resolves when it is not open any more. */
  readonly ended: Promise<unknown>
}
