import type { Grant } from './grant.js'
import { Holdable, type HoldOptions } from './holdable.js'

/** The options of `acquire` and `hold` of an `RLock`. */
export interface RLockOptions extends HoldOptions {
  /** The token of the holder that acquires it once more. Rejects with `expired` if that is not held. */
  readonly within?: number | undefined
}

/**
 * A lock that its holder may acquire again, by giving its token as `within`. It gets the same token, and the lock is free
 * once it was released as often as it was acquired. The lease of the first time counts.
 */
export class RLock extends Holdable<RLockOptions> {
  constructor() {
    super(1)
  }

  protected override _grant(options?: RLockOptions): Grant {
    return options?.within === undefined ? super._grant(options) : this._held(options.within)
  }
}
