import { ActorError } from '../ground/errors.js'
import { REF } from '../message/ref.js'
import type { Acting, acting } from '../proxy/proxy-types.js'
import type { Context } from './context.js'

/** Has the context of an instance, made when first asked for. */
interface Holder {
  contextOf(instance: object): Context<unknown>
}

/** Gives an instance the actor that it is the instance of. */
export let bindInstance: (instance: object, holder: Holder) => void

/** What each instance of a class that extends `Actor` has: its context, and the actor that it stands for in messages. */
export abstract class Instance implements Acting {
  declare readonly [acting]: true
  #holder: Holder | undefined

  static {
    bindInstance = (instance, holder) => {
      if (#holder in instance) instance.#holder = holder
    }
    Object.defineProperty(this.prototype, REF, {
      get(this: object) {
        return #holder in this ? this.#holder : undefined
      },
    })
  }

  /** All that an actor has of the world. Throws in the constructor: it works from `onStart` on. */
  get context(): Context<this> {
    if (!this.#holder)
      throw new ActorError('not-found', 'context is not there in the constructor; use it from onStart on')
    return this.#holder.contextOf(this) as Context<this>
  }
}
