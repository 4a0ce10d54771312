import type {} from '../../core/adapter.js'

/** Ids of members that ended, and of others that were answered, of which so many are remembered. */
const MOST = 10_000
/** Milliseconds between two answers to the same one. */
const PAUSE = 1_000

declare const performance: { now(): number }

/** Those that are not members any more, and those that never were. */
export class Strangers {
  readonly #ended = new Set<string>()
  readonly #answered = new Map<string, number>()

  /** Whether that id was one of a member whose link has ended: it never is one again. */
  hasEnded(id: string): boolean {
    return this.#ended.has(id)
  }

  end(id: string): void {
    this.#ended.add(id)
    if (this.#ended.size > MOST) this.#ended.delete(this.#ended.values().next().value!)
  }

  /** Whether to answer one that is not known: once in a while. */
  shouldAnswer(id: string): boolean {
    const now = performance.now()
    if (now - (this.#answered.get(id) ?? -Infinity) < PAUSE) return false
    if (this.#answered.size >= MOST) this.#answered.clear()
    this.#answered.set(id, now)
    return true
  }
}
