/** No actor counts yet. */
const NONE = -(2 ** 31)
/** Far more than an actor ever handles. */
const REVOKED = 2 ** 30

declare const SharedArrayBuffer: (new (length: number) => SharedArrayBuffer) | undefined

/**
 * How many tasks an actor of a pool has begun to handle, in memory that both realms see: it is known of a worker that is
 * busy, and of one that has died.
 */
export class Tally {
  readonly memory: SharedArrayBuffer
  readonly #count: Int32Array
  /** Tasks that began and have an outcome. */
  #settled = 0

  private constructor(memory: SharedArrayBuffer) {
    this.memory = memory
    this.#count = new Int32Array(memory)
    this.#count[0] = NONE
  }

  /** Undefined where the platform has no shared memory. */
  static make(): Tally | undefined {
    return typeof SharedArrayBuffer === 'undefined' ? undefined : new Tally(new SharedArrayBuffer(4))
  }

  /** Whether the actor counts. */
  get isKept(): boolean {
    return Atomics.load(this.#count, 0) >= 0
  }

  /** A task that began has an outcome. */
  settle(): void {
    this.#settled++
  }

  /** From now on the actor begins no task: it refuses what it was sent. Returns how many began and have no outcome. */
  revoke(): number {
    const count = this.isKept ? Atomics.sub(this.#count, 0, REVOKED) : Atomics.load(this.#count, 0) + REVOKED
    return count - this.#settled
  }

  /** The actor may begin tasks again. So many have begun and have no outcome. */
  reset(begun: number): void {
    this.#settled = 0
    Atomics.store(this.#count, 0, begun)
  }
}
