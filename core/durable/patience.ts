import { ActorError } from '../ground/errors.js'
import type { Ref } from '../message/ref.js'
import type { Life } from '../supervision/life.js'

/** Milliseconds for which a store that failed is tried again, and how long between two attempts. */
const PATIENCE = 30_000
const FIRST = 50
const LONGEST = 2_000

/** An actor whose state is to be read again. */
interface Restarting extends Pick<Ref, 'home' | 'address'> {
  readonly life: Life
  readonly hasEnded: boolean
}

/**
 * Reads what is stored of an actor that is restarted, again and again: a store that failed may be well again soon. Where it
 * is not in time, or where it is what is stored that is wrong, the actor ends: further restarts would fail as well.
 */
export async function patiently(actor: Restarting, load: () => Promise<void>): Promise<void> {
  const { home, life, address } = actor
  const until = home.env.now() + PATIENCE
  for (let wait = FIRST; ; wait = Math.min(wait * 2, LONGEST)) {
    try {
      return await load()
    } catch (cause) {
      if (actor.hasEnded) throw cause
      // Without a cause, the store itself is well.
      if ((cause as ActorError).cause === undefined || home.env.now() + wait > until) {
        const text = `the state of ${address.path} could not be read again`
        life.recovery.giveUp(new ActorError('escalated', text, { cause }))
        throw cause
      }
    }
    await life.timers.pause(wait)
  }
}
