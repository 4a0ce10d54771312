import { ActorError } from '../ground/errors.js'
import { checkLease, Grant } from './grant.js'
import { Holdable, type HoldOptions } from './holdable.js'

/** The options of `acquire` and `hold` of an `RwLock`. */
export interface RwLockOptions extends HoldOptions {
  /** Whether others may read meanwhile. `write` unless given. */
  readonly mode?: 'read' | 'write' | undefined
}

/** More than there can be readers. */
const ALL = 2 ** 31

/** A lock with many readers or one writer. A reader that comes after a writer waits behind it, so no writer waits for ever. */
export class RwLock extends Holdable<RwLockOptions> {
  constructor() {
    super(ALL)
  }

  protected override _grant({ mode = 'write', lease }: RwLockOptions = {}): Grant {
    if (mode !== 'read' && mode !== 'write') throw new ActorError('malformed', "'mode' must be 'read' or 'write'")
    return new Grant(mode === 'read' ? 1 : ALL, checkLease(lease))
  }
}
