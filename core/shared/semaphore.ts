import { ActorError } from '../ground/errors.js'
import { checkCount } from '../ground/check-count.js'
import { checkLease, Grant } from './grant.js'
import { Holdable, type HoldOptions } from './holdable.js'

/** The options of `acquire` and `hold` of a `Semaphore`. */
export interface SemaphoreOptions extends HoldOptions {
  /** Permits to acquire at once. 1 unless given. A call that wants many is not passed by calls that want fewer. */
  readonly n?: number | undefined
}

/** Permits that many may hold. Takes their number, 1 unless given. `add` makes more of them. */
export class Semaphore extends Holdable<SemaphoreOptions> {
  constructor(permits = 1) {
    checkCount('permits', permits)
    super(permits)
  }

  /** Permits that are free. */
  available(): number {
    return this._free
  }

  /** Waits for permits and takes them for good: without token and lease, and to come back by `add` only. */
  async take(n = 1): Promise<void> {
    await this._spend({ n })
  }

  /** Adds permits. */
  add(n = 1): void {
    checkCount('n', n, 1)
    this._add(n)
  }

  protected override _grant({ n = 1, lease }: SemaphoreOptions = {}): Grant {
    checkCount('n', n, 1)
    return new Grant(n, checkLease(lease))
  }
}

/** A semaphore that never has more permits than it began with. */
export class BoundedSemaphore extends Semaphore {
  readonly #permits: number

  constructor(permits = 1) {
    super(permits)
    this.#permits = permits
  }

  /** Gives back permits that were taken by `take`. Throws `malformed` for more than that. */
  override add(n = 1): void {
    const taken = this.#permits - this._free - this._inUse
    if (n > taken) throw new ActorError('malformed', `${n} permits are more than ${taken}, which were taken`)
    super.add(n)
  }

  protected override _grant(options: SemaphoreOptions = {}): Grant {
    const { n = 1 } = options
    if (n > this.#permits)
      throw new ActorError('malformed', `${n} permits are more than ${this.#permits}, which is all`)
    return super._grant(options)
  }
}
