import type { Actor } from '../actor/actor.js'
import { ActorError } from '../ground/errors.js'

/** Platforms count no longer than this, about 25 days. */
const LONGEST = 2 ** 31

/** Calls `work` once after `ms`, as a message of the actor. Returns its undo. Does nothing in an actor that ends. */
export function after({ context }: Actor, ms: number, work: () => void): () => void {
  if (ms >= LONGEST) return () => {}
  try {
    const undo = context.every(Math.max(ms, 1), () => {
      undo()
      work()
    })
    return undo
  } catch (error) {
    if (error instanceof ActorError && error.code === 'stopped') return () => {}
    throw error
  }
}
