import type { Message } from '../message/message.js'
import type { Supervised } from './supervised.js'
import type { ActorClass, AnySpawnOptions } from './spawn-options.js'

/** Where an actor comes from, as far as anything is to be known of it. */
export interface Origin {
  /** What it is made of, again when it is restarted; absent for an object that was there already. */
  readonly actor?: ActorClass | undefined
  readonly options?: AnySpawnOptions
  readonly kind?: string
  readonly parent?: Supervised | undefined
  /** The message whose handler waits for it to start. */
  readonly waiting?: Message | undefined
  /** The link whose peer asked for it. */
  readonly spawner?: object
  /** Whether it ends with the last reference to it, unless it has a name. */
  readonly isLent?: boolean
  /**
   * Called when the actor is there. Returns undefined, or starts it in place of the usual start: where that rejects, it has
   * ended the actor.
   */
  readonly start?: ((actor: Supervised) => Promise<void> | undefined) | undefined
}
