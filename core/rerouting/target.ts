// The room rerouting: calls that follow their actor from one realm to the next.
import type { Ref } from '../message/ref.js'

/** Where calls go: the actor, at the realm that runs it now. */
export interface Target {
  readonly ref: Ref
  /** Whether messages can reach it. Once they can't, nothing that it said counts. */
  readonly isOpen: boolean
}
