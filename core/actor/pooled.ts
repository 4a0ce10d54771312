import type { Method } from '../message/message.js'
import type { Pooled } from '../supervision/spawn-options.js'
import type { Blueprint } from './blueprint.js'

/** The methods of an actor of a pool: each message that reaches its handler is counted where the pool sees it. */
class CountedMethods extends Map<string, Method> {
  readonly #started: Int32Array

  constructor(methods: ReadonlyMap<string, Method>, started: SharedArrayBuffer) {
    super(methods)
    this.#started = new Int32Array(started)
    Atomics.store(this.#started, 0, 0)
  }

  /** Once the pool has taken back what was not started, nothing is handled until it counts anew. */
  override get(name: string): Method | undefined {
    return Atomics.add(this.#started, 0, 1) < 0 ? undefined : super.get(name)
  }
}

/** What an actor is whose pool says how many messages it handles at a time. */
export const pooledPlan = (plan: Blueprint, { concurrency, started }: Pooled): Blueprint => ({
  ...plan,
  concurrency,
  ...(started && plan.timeout === Infinity && { methods: new CountedMethods(plan.methods, started) }),
})
