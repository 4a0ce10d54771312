import type { Verb } from '../message/ref.js'
import type { Target } from './target.js'

/** Which realm runs the actor, and how the others reach it. */
export interface Host {
  /** Whether the actor goes on where it is when another realm leads. */
  readonly outlives?: boolean
  /** This realm leads: the actor is to run. Rejects as `spawn` does. */
  start(): Promise<Target>
  /** The actor of another realm that leads, which is told by `knock` of a line to it. Rejects if it cannot be reached. */
  reach(knock: (line: string) => void): Promise<Target>
  /** A follower opens a line to this realm, which leads. */
  readonly knocked: (line: string) => void
  /** This realm leads no more: nothing of what the actor does counts, nor of one that still starts. */
  abandon(): void
  /**
   * This realm is to lead no more: `stop` or `kill` is done to the actor that it runs, also to one that still starts. Resolves
   * when that has ended. Rejects if it can't be reached.
   */
  stop(verb: Verb, options: unknown): Promise<unknown>
  /** Closes all ways. Of what is under way there, nothing more is heard; unless `isOver`, they may be opened again. */
  close(isOver: boolean): void
}
