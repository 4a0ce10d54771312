import type { Shards } from './shards.js'

/** Milliseconds that another realm has to answer. */
export const TIMEOUT = 5_000

/** What a realm that runs actors answers to others. Untrusted peers may ask as well. */
export class Gate {
  static readonly concurrency = Infinity
  readonly #shards: Shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  /** The actor of a key, and the id of its run. */
  ['reach'](key: unknown, isPassedOn: unknown): Promise<[actor: object, run: string]> {
    return this.#shards.reach(key, isPassedOn === true)
  }

  /** Whether the actor of a key runs here no more, and another realm may run it. */
  ['release'](key: unknown): Promise<boolean> {
    return this.#shards.release(key)
  }
}
